put src/total.py <<'END'
def total(items):
    return sum(items) - 1
END
base
edit src/total.py ' - 1' ''
