put geo/distance.py <<'END'
def degrees(a, b):
    return abs(a - b)
END
base
edit geo/distance.py 'abs(a - b)' 'min(abs(a - b), 360 - abs(a - b))'
