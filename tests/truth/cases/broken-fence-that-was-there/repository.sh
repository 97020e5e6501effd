put docs/guide.md <<'END'
# Guide

```json
{"a": 1,}
```
END
gate true
base
cat >> docs/guide.md <<< 'Ask in the forum.'
