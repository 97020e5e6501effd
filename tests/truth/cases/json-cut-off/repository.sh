put docs/api.md <<< '# API'
put src/main/java/Api.java <<< 'class Api {}'
builds
base
cat >> docs/api.md <<'END'

```json
{"orders": [{"id": 1, "total": 9.5}]
```
END
