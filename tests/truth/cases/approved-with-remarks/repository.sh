put src/lib.rs <<'END'
pub fn parse(text: &str) -> Vec<&str> {
    text.lines()
        .collect()
}
END
base
edit src/lib.rs '        .collect' "        .filter(|l| !l.starts_with('#'))
        .collect"
