put robot/arm.py <<'END'
def _pause(seconds):
    return seconds


def move():
    return _pause(1)
END
put robot/leg.py <<'END'
def walk():
    return 2
END
builds
base
edit robot/arm.py 'return seconds' 'return seconds * 2'
