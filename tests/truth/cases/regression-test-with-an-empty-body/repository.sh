put rows.py <<'END'
def count(text):
    return len(text.splitlines())
END
put tests/__init__.py < /dev/null
put tests/test_rows.py <<'END'
import unittest

from rows import count


class Rows(unittest.TestCase):
    def test_two(self):
        self.assertEqual(count("a\nb"), 2)
END
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: python3 -B -m unittest discover -q
END
base
edit rows.py 'len(text.splitlines())' 'sum(1 for line in text.splitlines() if line.strip())'
put tests/test_blank.py <<'END'
import unittest

from rows import count


class Blank(unittest.TestCase):
    def test_blank_lines_are_skipped(self):
        count("a\n\nb")
END
