put src/sum.ts <<< 'export const sum = 3;'
put check.sh <<'END'
seq 1 3000
grep -q 'sum = 4' src/sum.ts || { echo 'expected 4 but got 5'; exit 1; }
END
gate 'sh check.sh'
base
edit src/sum.ts 'sum = 3' 'sum = 5'
