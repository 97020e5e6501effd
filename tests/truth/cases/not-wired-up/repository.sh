put go.mod <<< 'module example.com/cli'
put cmd/root.go <<< 'package cmd'
base
put cmd/version.go <<'END'
package cmd

func version() string { return "1.0" }
END
