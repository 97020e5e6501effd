put docs/guide.md <<< 'Port: 80'
put config.yaml <<< 'port: 80'
builds
base
put docs/guide.md <<< 'Port: 8080'
put config.yaml <<< 'port: 8080'
