put log/keep.py <<< 'LINES = []'
put tests/test_log.py <<'END'
from log.keep import LINES


def test_empty():
    assert LINES == []
END
builds
base
put log/keep.py <<'END'
LINES = []


class Ring:
    def __init__(self, size):
        self.size = size
        self.lines = []

    def push(self, line):
        self.lines.append(line)
        self.lines = self.lines[-self.size :]

    def last(self, count):
        return self.lines[-count:]
END
