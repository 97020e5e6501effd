put docs/config.md <<< '# Configuration'
put src/lib.rs <<< 'pub struct Config;'
builds
base
cat >> docs/config.md <<'END'

```toml
[cache]
size = 10
size = 20
```
END
