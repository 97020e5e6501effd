put go.mod <<< 'module example.com/net'
mkdir net
{ echo 'package net'; lines 420 'var v@ = @'; } > net/listen.go
base
edit net/listen.go 'var v3 = 3' 'var v3 = port()'
