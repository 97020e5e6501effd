put docs/guide.md <<< '# Guide'
put .goreleaser.yaml <<'END'
release:
  draft: true
END
builds
base
lines 20 'Step @: build.' >> docs/guide.md
edit .goreleaser.yaml 'draft: true' 'draft: false'
