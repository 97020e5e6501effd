put docs/speed.md <<< '# Speed'
put parser.py <<< 'def parse(text): return text'
builds
base
put docs/measured.md <<< 'Parser: 480 ms'
cat >> docs/speed.md <<< 'The Parser takes 480 ms.'
