put tree/compare.go <<'END'
package tree

func Compare(a, b []string) []string { return a[:len(b)-1] }
END
base
edit tree/compare.go 'a[:len(b)-1]' 'a[:max(0, len(b)-1)]'
