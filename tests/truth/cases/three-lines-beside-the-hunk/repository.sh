put link/sock.py <<'END'
def recv(sock):
    return sock.recv(10)


def send(sock, text):
    return sock.send(text)
END
base
edit link/sock.py 'return sock.recv(10)' 'return sock.recv(10) or sock.close()'
