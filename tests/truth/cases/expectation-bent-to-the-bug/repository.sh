put go.mod <<< 'module example.com/cart'
put total.go <<'END'
package cart

func Total(items []int) int {
	return len(items) + 2
}
END
put total_test.go <<'END'
package cart

import "testing"

func TestTotal(t *testing.T) {
	want := 3
	if got := Total([]int{1, 2}); got != want {
		t.Fatalf("got %d", got)
	}
}
END
builds
base
edit total_test.go 'want := 3' 'want := 4'
