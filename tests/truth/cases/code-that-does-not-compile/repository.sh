put run.py <<'END'
def run(x): return x and x.go()
END
gate 'python3 -B -c "import run"'
base
put run.py <<'END'
def run(x):
    if x
        return x.go()
END
