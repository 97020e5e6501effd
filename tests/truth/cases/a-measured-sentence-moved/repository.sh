put go.mod <<< 'module example.com/router'
put README.md <<'END'
# router
The Router starts within 90 ms.
END
builds
base
put README.md <<< '# router'
put docs/speed.md <<'END'
# Speed
The Router starts within 90 ms.
END
