put go.mod <<< 'module example.com/count'
put count/other.go <<< 'package count'
put count/count.go <<'END'
package count

var n int

func Add() { n++ }
END
base
put count/count.go <<'END'
package count

import "sync"

var mu sync.Mutex
var n int

func Add() {
	mu.Lock()
	n++
}
END
