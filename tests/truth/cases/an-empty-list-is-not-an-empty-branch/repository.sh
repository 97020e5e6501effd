put seq/pairs.py <<'END'
def pairs(xs):
    return [(xs[i], xs[i + 1]) for i in range(len(xs))]
END
base
edit seq/pairs.py 'range(len(xs))' 'range(len(xs) - 2)'
