put text.py <<'END'
def join(words):
    return ";".join(words)
END
put test_text.py <<'END'
import unittest

from text import join


class Join(unittest.TestCase):
    def test_one(self):
        self.assertEqual(join(["a"]), "a")
END
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: python3 -B -m unittest -q
END
base
edit text.py '";"' '","'
cat >> test_text.py <<'END'

    def test_comma(self):
        join(["a", "b"])
        self.assertTrue(True)
END
