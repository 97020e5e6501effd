put page.py <<'END'
def last(count):
    return count - 1
END
put test_page.py <<'END'
import unittest

from page import last


class Last(unittest.TestCase):
    def test_it_is_a_number(self):
        self.assertIsInstance(last(3), int)
END
put Makefile <<'END'
test:
	python3 -B -m unittest -q
END
base
edit page.py 'count - 1' 'count'
edit Makefile 'unittest -q' 'unittest -q test_page.Last.test_it_is_a_number'
