put go.mod <<< 'module example.com/conf'
put conf/conf.go <<'END'
package conf

const Timeout = 3
END
base
put NEWS.md <<< '# 2.0'
base 'Release 2.0' release-2
edit conf/conf.go 'Timeout = 3' 'Timeout = 30'
