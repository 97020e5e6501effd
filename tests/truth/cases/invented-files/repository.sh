put go.mod <<< 'module example.com/app'
put cmd/app/main.go <<'END'
package main

func main() {
	openDatabase()
	http.HandleFunc("/health", ok)
}
END
base
put cmd/app/main.go <<'END'
package main

func main() {
	http.HandleFunc("/health", ok)
	openDatabase()
}
END
