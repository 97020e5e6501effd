put README.md <<< '# net'
put net/client.py <<< 'def get(url): return url'
builds
base
cat >> README.md <<< 'The client gets.'
