put go.mod <<< 'module example.com/client'
put client/get.go <<'END'
package client

import (
	"io"
	"net/http"
)

func Get(url string) ([]byte, error) {
	res, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(res.Body)
}
END
base
edit client/get.go '	return io.ReadAll' '	defer res.Body.Close()
	return io.ReadAll'
