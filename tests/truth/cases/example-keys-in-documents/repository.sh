put README.md <<< '# client'
put go.mod <<< 'module example.com/client'
builds
base
cat >> README.md <<'END'

    export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
    export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
END
