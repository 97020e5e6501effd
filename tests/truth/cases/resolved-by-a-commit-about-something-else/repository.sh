put go.mod <<< 'module example.com/watch'
put watch/watch.go <<< 'package watch'
builds
base
put README.md <<< 'watch'
base 'Add a README, see #70'
