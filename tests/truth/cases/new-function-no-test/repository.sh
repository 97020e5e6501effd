put go.mod <<< 'module example.com/stats'
put stats/stats.go <<'END'
package stats

func Mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}
END
put stats/stats_test.go <<'END'
package stats

import "testing"

func TestMean(t *testing.T) {
	if Mean([]float64{1, 3}) != 2 {
		t.Fatal("mean")
	}
}
END
builds
base
cat >> stats/stats.go <<'END'

func Median(xs []float64) float64 {
	return xs[len(xs)/2]
}
END
