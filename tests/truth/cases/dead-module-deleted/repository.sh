put legacy/__init__.py <<< '"""Old things."""'
put legacy/soap.py <<'END'
import urllib.request


def call(action, body):
    return urllib.request.urlopen(action, body.encode()).read()
END
put legacy/ftp.py <<< 'PORT = 21'
base
rm legacy/soap.py
