put src/drucker.rs <<< 'pub fn drucken(text: &str) { print!("{text}") }'
put src/seite.rs <<< 'pub const ZEILEN: usize = 60;'
base
edit src/seite.rs 60 66
