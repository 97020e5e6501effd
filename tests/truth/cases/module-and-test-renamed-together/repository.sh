put util.py <<'END'
def cents(text):
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest or 0)
END
put test_money.py <<'END'
import unittest

from util import cents


class Cents(unittest.TestCase):
    def test_one(self):
        self.assertEqual(cents("1.05"), 105)
END
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: python3 -B -m unittest -q
END
base
mv util.py money.py
edit test_money.py 'from util' 'from money'
