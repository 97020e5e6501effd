put double.py <<'END'
def double(x):
    return x
END
put test_double.py <<'END'
import unittest

from double import double


class Double(unittest.TestCase):
    def test_two(self):
        self.assertEqual(double(2), 4)
END
gate 'python3 -m unittest -q test_double'
base
edit double.py 'return x' 'return x + 1'
