put go.mod <<< 'module example.com/retry'
put retry.go <<'END'
package retry

const Attempts = 3
END
put retry_test.go <<'END'
package retry

import "testing"

func TestAttempts(t *testing.T) {
	if Attempts != 3 {
		t.Fatalf("got %d", Attempts)
	}
}
END
builds
base
edit retry.go 'Attempts = 3' 'Attempts = 10'
edit retry_test.go 'Attempts != 3' 'Attempts != 10'
