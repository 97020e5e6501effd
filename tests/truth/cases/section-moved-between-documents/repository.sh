put README.md <<'END'
# tokenizer

Splits text.

## Speed

The Tokenizer answers within 35 ms and needs 6 MB.
END
builds
base
put README.md <<'END'
# tokenizer

Splits text. See [speed](docs/speed.md).
END
put docs/speed.md <<'END'
# Speed

The Tokenizer answers within 35 ms
and needs 6 MB.
END
