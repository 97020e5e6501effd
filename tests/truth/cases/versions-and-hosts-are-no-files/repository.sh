put go.mod <<< 'module example.com/fetch'
put fetch/redirect.go <<'END'
package fetch

const most = 1
END
base
edit fetch/redirect.go 'most = 1' 'most = 10'
