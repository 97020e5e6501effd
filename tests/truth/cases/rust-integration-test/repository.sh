put Cargo.toml <<'END'
[package]
name = "lists"
version = "0.1.0"
END
put src/lib.rs <<< 'pub mod parse;'
put src/parse.rs <<< 'pub fn depth(text: &str) -> usize { text.matches("[").count() }'
base
put tests/nesting.rs <<'END'
use lists::parse::depth;

#[test]
fn nested() {
    assert_eq!(depth("[[]]"), 2);
}
END
