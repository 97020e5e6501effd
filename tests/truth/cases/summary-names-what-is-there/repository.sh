put README.md <<< '# net'
put setup.cfg <<< '[net]'
put net/client.py <<< 'def get(url): return url'
builds
base
cat >> README.md <<< 'The client has one function, get().'
