put go.mod <<< 'module example.com/web'
put web/id.go <<'END'
package web

func ID(sent string) string { return fresh() }
END
put web/log.go <<< 'package web'
base
edit web/log.go 'package web' 'package web // logs'
put web/trace.go <<< 'package web // traces'
main_moves
edit web/id.go '{ return fresh() }' '{
	if sent != "" {
		return sent
	}
	return fresh()
}'
