put README.md <<< '# lookup'
put lookup.py <<< 'def lookup(key): return key'
builds
base
put bench/log.txt <<< 'lookup: 12 ms'
cat >> README.md <<< 'A lookup takes 12 ms.'
