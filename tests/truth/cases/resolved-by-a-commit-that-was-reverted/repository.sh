put src/main.rs <<< 'fn main() { panic!() }'
builds
base
put src/main.rs <<< 'fn main() {}'
base 'Do not panic on an empty file

Fixes #7'
put src/main.rs <<< 'fn main() { panic!() }'
base 'Revert "Do not panic on an empty file"

It hides broken files.'
