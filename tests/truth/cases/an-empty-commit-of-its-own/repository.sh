put go.mod <<< 'module example.com/crash'
put main.go <<< 'package main'
builds
base
