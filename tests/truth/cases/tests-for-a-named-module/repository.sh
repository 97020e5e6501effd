put go.mod <<< 'module example.com/csv'
put internal/csv/split.go <<'END'
package csv

import "strings"

func Split(line string) []string { return strings.Split(line, ",") }
END
base
put internal/csv/split_test.go <<'END'
package csv

import "testing"

func TestEmptyField(t *testing.T) {
	if got := Split("a,,b"); len(got) != 3 {
		t.Fatalf("got %v", got)
	}
}
END
