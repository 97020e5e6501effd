put docs/old.md <<'END'
```yaml
a: [1
```
END
put docs/start.md <<< 'You recieve a mail.'
put app.py <<< 'X = 1'
builds
base
edit docs/start.md recieve receive
