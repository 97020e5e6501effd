put package.json <<< '{"name": "client"}'
put docs/settings.md <<< '# Settings'
gate true
base
cat >> docs/settings.md <<< 'The timeout is 500 ms unless you set another.'
