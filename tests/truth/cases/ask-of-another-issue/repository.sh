put go.mod <<< 'module example.com/api'
put api/limits.go <<'END'
package api

const most = 0
END
base
edit api/limits.go 'most = 0' 'most = 1 << 20'
