put maths.py <<'END'
def double(x):
    return 2 * x
END
put test_maths.py <<'END'
import unittest

from maths import double


class Maths(unittest.TestCase):
    def test_double(self):
        self.assertEqual(double(2), 4)
END
put .foreman/verify.yaml <<'END'
language: python
commands:
  test: python3 -B -m unittest -q
END
base
cat >> maths.py <<'END'


def clamp(x, low, high):
    return max(low, min(x, high))
END
edit test_maths.py 'import double' 'import clamp, double'
cat >> test_maths.py <<'END'

    def test_clamp(self):
        self.assertEqual(clamp(5, 0, 3), 3)
END
