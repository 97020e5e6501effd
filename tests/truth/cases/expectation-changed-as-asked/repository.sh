put go.mod <<< 'module example.com/limit'
put limit.go <<'END'
package limit

func limit() int {
	return 100
}
END
put limit_test.go <<'END'
package limit

import "testing"

func TestLimit(t *testing.T) {
	if want := 100; limit() != want {
		t.Fatal("limit")
	}
}
END
gate 'n=$(grep -o "return [0-9]*" limit.go); grep -q "want := ${n#return };" limit_test.go || { echo "--- FAIL: TestLimit"; exit 1; }'
base
edit limit.go 'return 100' 'return 250'
edit limit_test.go 'want := 100' 'want := 250'
