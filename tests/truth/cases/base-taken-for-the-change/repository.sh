put Cargo.toml <<'END'
[package]
name = "bounds"
version = "0.1.0"
END
put src/lib.rs <<'END'
pub fn clamp(x: i32, low: i32, high: i32) -> i32 {
    if x < low { low } else { x }
}
END
base
edit src/lib.rs '{ x }' '{ x.max(high) }'
