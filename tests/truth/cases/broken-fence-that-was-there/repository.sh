put docs/guide.md <<'END'
# Guide

```json
{"a": 1,}
```
END
builds
base
cat >> docs/guide.md <<< 'Ask in the forum.'
