put kit/__init__.py <<< ''
put kit/misc.py <<'END'
def mix(a, b):
    return (a + b) // 2
END
put tests/test_misc.py <<'END'
from kit.misc import mix


def test_mix():
    assert mix(2, 4) == 3
    assert mix(0, 0) == 0
END
builds
base
mv kit/misc.py kit/colours.py
mv tests/test_misc.py tests/test_colours.py
edit tests/test_colours.py kit.misc kit.colours
