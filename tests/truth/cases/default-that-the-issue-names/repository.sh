put package.json <<< '{"name": "client"}'
put docs/settings.md <<< '# Settings'
builds
base
cat >> docs/settings.md <<< 'The timeout is 500 ms unless you set another.'
