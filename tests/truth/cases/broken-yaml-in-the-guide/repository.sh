put docs/guide.md <<< '# Guide'
put go.mod <<< 'module example.com/op'
builds
base
cat >> docs/guide.md <<'END'

```yaml
kind: Deployment
spec:
  replicas: 2
   template: {}
```
END
