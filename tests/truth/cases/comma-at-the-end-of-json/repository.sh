put README.md <<< '# editor'
put package.json <<< '{"name": "editor"}'
gate true
base
cat >> README.md <<'END'

```json
{
  "tabs": 2,
  "theme": "dark",
}
```
END
