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
put pyproject.toml <<'END'
[project]
name = "page"
version = "1.0"
END
base
edit page.py 'count - 1' 'count'
edit pyproject.toml '1.0' '1.1'
