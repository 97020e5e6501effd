put net/ports.py <<'END'
def parse_port(text):
    port = int(text)
    if port < 0:
        raise ValueError(text)
    return port
END
base
edit net/ports.py 'port < 0' 'not 0 <= port <= 65535'
