put README.md <<< '# editor'
put package.json <<< '{"name": "editor"}'
builds
base
cat >> README.md <<'END'

```json
{
  "tabs": 2,
  "theme": "dark",
}
```
END
