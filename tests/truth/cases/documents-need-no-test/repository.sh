put docs/usage.md <<< '# Usage'
put run.py <<< 'DRY = False'
builds
base
cat >> docs/usage.md <<< '`--dry` prints what would be done.'
