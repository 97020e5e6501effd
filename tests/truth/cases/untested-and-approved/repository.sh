put go.mod <<< 'module example.com/dns'
put dns/cache.go <<< 'package dns'
base
cat >> dns/cache.go <<< '
var cache = map[string]string{}'
