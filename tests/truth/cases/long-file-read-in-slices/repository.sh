put src/lib.rs <<< 'pub fn power(n: usize) -> u64 { (n as u64).pow(2) }'
base
put src/lib.rs <<< 'mod table;
pub fn power(n: usize) -> u64 { table::power(n) }'
lines 700 'pub const P@: u64 = @;' > src/table.rs
