put README.md <<< 'Run it with `--jobs 4`.'
put src/main.rs <<< 'fn main() {}'
base
edit README.md --jobs --threads
