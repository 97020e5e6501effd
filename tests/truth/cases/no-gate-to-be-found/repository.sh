put doc/format.md <<< '# Format'
put src/read.cpp <<< 'int read() { return 0; }'
base
cat >> doc/format.md <<'END'

```json
{name: "x"}
```
END
