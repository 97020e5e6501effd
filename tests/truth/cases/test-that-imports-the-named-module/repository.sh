put codec/varint.py <<'END'
def encode(n):
    return n * 2 if n >= 0 else -2 * n - 1
END
base
put tests/test_round_trips.py <<'END'
from codec.varint import encode


def test_negative():
    assert encode(-1) == 1
END
