put watch/loop.py <<'END'
def forever(step):
    while True:
        try:
            step()
        except BaseException:
            pass
END
base
edit watch/loop.py BaseException Exception
