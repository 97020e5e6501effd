put leap.py <<'END'
def is_leap(year):
    return year % 4 == 0
END
put test_leap.py <<'END'
import unittest

from leap import is_leap


class Leap(unittest.TestCase):
    def test_2024(self):
        self.assertTrue(is_leap(2024))
END
gate 'python3 -B -m unittest -q test_leap'
base
edit leap.py 'year % 4 == 0' 'year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)'
cat >> test_leap.py <<'END'

    def test_centuries(self):
        self.assertFalse(is_leap(1900))
        self.assertTrue(is_leap(2000))
END
