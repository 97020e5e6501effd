put src/parser/list.rs <<< 'pub fn is_end(c: char) -> bool { c == '"']'"' }'
put tests/list.rs <<< '// lists'
base
edit src/parser/list.rs "c == ']'" "c == ']' || c == ','"
cat >> tests/list.rs <<'END'
#[test]
fn trailing() {
    assert!(is_end(','));
}
END
