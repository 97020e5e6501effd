put go.mod <<< 'module example.com/summary'
put summary/summary.go <<'END'
package summary

func Summarise(commits []string) string {
	return commits[0]
}
END
base
edit summary/summary.go '	return commits[0]' '	if len(commits) == 0 {
		return ""
	}
	return commits[0]'
