put src/lib.rs <<< 'pub const TEXT: &str = "hi";'
put .foreman/verify.yaml <<'END'
language: generic
commands:
  test: |
    test -f src/lib.rs
    grep -q hello src/lib.rs
END
base
edit src/lib.rs '"hi"' '"hullo"'
