put Cargo.toml <<'END'
[package]
name = "app"
version = "0.1.0"

[dependencies]
serde = "1.0"
END
put src/lib.rs <<< 'pub fn one() -> u8 { 1 }'
builds
base
edit Cargo.toml 'serde = "1.0"' 'serde = "2.0"
rand = "0.9"'
