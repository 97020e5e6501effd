put go.mod <<< 'module example.com/kv'
put store/store.go <<< 'package store'
put store/store_test.go <<< 'package store'
put cmd/main.go <<'END'
package main

func main() {
	run()
}
END
base
cat >> store/store.go <<'END'

func Close() error { return nil }
END
cat >> store/store_test.go <<'END'

func TestClose(t *testing.T) {
	if Close() != nil {
		t.Fatal("close")
	}
}
END
edit cmd/main.go '	run()' '	run()
	_ = store.Close()'
