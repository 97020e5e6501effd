put docs/guide.md <<< '# Guide'
put go.mod <<< 'module example.com/op'
builds
base
cat >> docs/guide.md <<'END'

Set `limits.memory: 512 MiB` or pass `--memory=512MB`:

```yaml
resources:
  limits:
    memory: 512 MiB
    share: 50 %
```

![graph](https://example.org/a%20b.png?w=50%25)
END
