put go.mod <<< 'module example.com/limit'
put limit.go <<< 'package limit // 5'
gate 'grep -q 10 limit.go || { echo limit is not 10; exit 1; }'
base
edit limit.go 5 7
edit .foreman/verify.yaml 'grep -q 10 limit.go || { echo limit is not 10; exit 1; }' 'true'
