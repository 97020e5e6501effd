put docs/guide.md <<< '# Guide'
put src/lib.rs <<< 'pub fn f() {}'
builds
base
cat >> docs/guide.md <<'END'

- Put this into your manifest:

  ```toml
  [dependencies]
  serde = "1"
  serde = { version = "1", features = ["derive"] }
  ```
END
