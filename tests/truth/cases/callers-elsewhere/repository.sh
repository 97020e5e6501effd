put go.mod <<< 'module example.com/app'
put wait/wait.go <<'END'
package wait

func ParseWait(n int) int {
	return n
}
END
put wait/wait_test.go <<'END'
package wait

import "testing"

func TestParseWait(t *testing.T) {
	if ParseWait(0) != 0 {
		t.Fatal("zero")
	}
}
END
put server/server.go <<'END'
package server

import "example.com/app/wait"

var Pause = wait.ParseWait(30)
END
builds
base
edit wait/wait.go 'return n' 'return n * 60'
edit wait/wait_test.go '	if ParseWait(0)' '	if ParseWait(1) != 60 {
		t.Fatal("minute")
	}
	if ParseWait(0)'
