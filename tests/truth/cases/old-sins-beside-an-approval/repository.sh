put clock/legacy.py <<< 'x = 1'
put clock/seconds.py <<'END'
def seconds(text):
    return int(text)
END
base
edit clock/seconds.py 'int(text)' 'float(text)'
