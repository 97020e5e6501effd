put go.mod <<< 'module example.com/clock'
put clock/drift.go <<'END'
package clock

func Drift(hours int) int {
	return hours
}
END
put mail/send.go <<'END'
package mail

func Send(text string) string { return text }
END
builds
base
edit clock/drift.go 'return hours' 'return 0 * hours'
