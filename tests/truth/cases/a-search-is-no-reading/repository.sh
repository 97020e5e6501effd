put go.mod <<< 'module example.com/rates'
mkdir rates
lines 200 'const Rate@ = 1' > rates/rates.go
base
lines 200 'const Rate@ = 2' > rates/rates.go
