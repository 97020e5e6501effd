put go.mod <<< 'module example.com/serve'
put cmd/serve.go <<'END'
package main

func main() { listen() }
END
base
edit cmd/serve.go 'listen()' 'listen(); setuid(1000)'
