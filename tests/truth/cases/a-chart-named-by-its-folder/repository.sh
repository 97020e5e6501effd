put go.mod <<< 'module example.com/api'
put cmd/api/main.go <<< 'package main'
put charts/api/templates/deployment.yaml <<'END'
livenessProbe:
  periodSeconds: 1
END
base
edit charts/api/templates/deployment.yaml 'periodSeconds: 1' 'periodSeconds: 10'
