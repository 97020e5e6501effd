put app/main.py <<'END'
MAX = 10


def main():
    return MAX
END
base
put app/limits.py <<< 'MAX = 10'
edit app/main.py 'MAX = 10
' 'from app.limits import MAX
'
