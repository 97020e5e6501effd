put src/parse.rs <<'END'
pub fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
END
put src/lib.rs <<< '// nothing yet'
base
mkdir src/syntax
mv src/parse.rs src/syntax/parse.rs
