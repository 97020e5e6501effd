put go.mod <<< 'module example.com/flags'
put flags.go <<'END'
package flags

var defined = map[string]string{}
END
base
edit flags.go 'map[string]string{}' '[]string{}'
