put go.mod <<< 'module example.com/stat'
put stat/median.go <<'END'
package stat

func Median(xs []int) int {
	slices.Sort(xs)
	return xs[len(xs)/2]
}
END
base
edit stat/median.go 'slices.Sort(xs)' 'xs = slices.Clone(xs)
	slices.Sort(xs)'
