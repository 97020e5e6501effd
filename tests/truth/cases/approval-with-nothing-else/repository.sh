put src/lib.rs <<< 'pub fn round(x: f64) -> f64 { x.round() }'
base
edit src/lib.rs 'x.round()' 'x.round_ties_even()'
