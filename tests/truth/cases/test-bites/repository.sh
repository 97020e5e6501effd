put age.py <<'END'
def age(text):
    return int(text)
END
put test_age.py <<'END'
import unittest

from age import age


class Age(unittest.TestCase):
    def test_age(self):
        self.assertEqual(age("7"), 7)
END
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: python3 -B -m unittest -q
END
base
put age.py <<'END'
def age(text):
    if int(text) < 0:
        raise ValueError(text)
    return int(text)
END
cat >> test_age.py <<'END'

    def test_negative(self):
        with self.assertRaises(ValueError):
            age("-1")
END
