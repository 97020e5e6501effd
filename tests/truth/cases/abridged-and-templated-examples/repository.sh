put docs/guide.md <<< '# Guide'
put go.mod <<< 'module example.com/op'
builds
base
cat >> docs/guide.md <<'END'

```yaml
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "op.labels" . | nindent 4 }}
spec: !Merge
  # ...
  port: <your port>
```

```json
{
  "listen": "<host>:8080",
  ...
  "peers": ["a", "b", ...]
}
```

```toml
[server]
port = <your port>
...
```
END
