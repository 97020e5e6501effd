put CONTRIBUTING.md <<< '# Contributing'
put src/index.ts <<< 'export {};'
base
cat >> CONTRIBUTING.md <<< 'One test: `npm test -- -t NAME`.'
