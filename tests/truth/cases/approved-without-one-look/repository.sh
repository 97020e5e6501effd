put fetcher/retry.py <<'END'
def delays(attempts):
    return [0] * attempts
END
put tests/test_retry.py <<'END'
from fetcher.retry import delays


def test_count():
    assert len(delays(3)) == 3
END
base
edit fetcher/retry.py '[0] * attempts' '[2**n for n in range(attempts)]'
cat >> tests/test_retry.py <<'END'


def test_backs_off():
    assert delays(3) == [1, 2, 4]
END
