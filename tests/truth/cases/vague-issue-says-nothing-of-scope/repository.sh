put src/reader.rs <<'END'
pub fn rows(text: &str) -> usize {
    text.matches('\n').count()
}
END
put src/writer.rs <<'END'
pub fn emit(text: &str) -> String {
    text.to_owned()
}
END
builds
base
edit src/reader.rs "text.matches('\\n').count()" 'text.lines().count()'
