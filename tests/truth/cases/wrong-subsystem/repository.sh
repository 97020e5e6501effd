put go.mod <<< 'module example.com/app'
put pkg/cache/lru.go <<'END'
package cache

type LRU struct{ entries map[string]string }

func (l *LRU) Put(key, value string) { l.entries[key] = value }
END
put pkg/web/server.go <<'END'
package web

const Timeout = 30
END
base
edit pkg/web/server.go '30' '60'
