put packages/users/names.py <<'END'
def check(name):
    return name
END
put packages/users/test_names.py <<'END'
import unittest

from names import check


class Names(unittest.TestCase):
    def test_name(self):
        self.assertEqual(check("a"), "a")
END
put packages/mail/send.py <<< 'X = 1'
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: cd packages/users && python3 -B -m unittest -q
END
base
put packages/users/names.py <<'END'
def check(name):
    if not name:
        raise ValueError("empty")
    return name
END
cat >> packages/users/test_names.py <<'END'

    def test_empty(self):
        with self.assertRaises(ValueError):
            check("")
END
