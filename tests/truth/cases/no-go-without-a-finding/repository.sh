put go.mod <<< 'module example.com/sum'
put sum.go <<'END'
package sum

func Sum(xs []int) int {
	total := xs[0]
	for _, x := range xs[1:] {
		total += x
	}
	return total
}
END
base
put sum.go <<'END'
package sum

func Sum(xs []int) int {
	total := 0
	for _, x := range xs {
		total += x
	}
	return total
}
END
