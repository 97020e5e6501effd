put src/keep.rs <<'END'
pub fn retain(xs: &mut Vec<u32>) {
    xs.sort();
}
END
base
edit src/keep.rs '    xs.sort();' '    xs.dedup();'
