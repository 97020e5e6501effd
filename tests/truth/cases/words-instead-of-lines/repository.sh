put sync/pull.py <<'END'
def pull(fetch):
    while True:
        if fetch():
            return True
END
base
edit sync/pull.py 'while True:' 'for _ in range(5):'
