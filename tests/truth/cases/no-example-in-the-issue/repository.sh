put src/log.rs <<< 'pub const LEVEL: u8 = 3;'
builds
base
edit src/log.rs 3 2
