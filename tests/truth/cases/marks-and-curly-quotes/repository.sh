put src/absatz.rs <<'END'
pub fn is_end(line: &str) -> bool {
    line.is_empty()
}
END
base
edit src/absatz.rs line.is_empty 'line.trim().is_empty'
