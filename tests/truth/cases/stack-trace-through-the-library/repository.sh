put net/client.py <<'END'
def get(socket):
    return socket.read()
END
put net/server.py <<< 'PORT = 1'
base
edit net/client.py '    return socket.read()' '    with socket:
        return socket.read()'
