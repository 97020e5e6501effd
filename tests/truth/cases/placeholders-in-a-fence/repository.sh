put docs/config.md <<< '# Configuration'
put src/index.ts <<< 'export {};'
builds
base
cat >> docs/config.md <<'END'

```jsonc
{ "strict": true } // all of it
```

```yaml
kind: Service
---
kind: Deployment
```

```text
yaml: : not meant to be
```

```toml
[server]
port = 8080
```
END
