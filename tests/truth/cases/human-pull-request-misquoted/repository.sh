put src/search.ts <<< 'export const wait = 0;'
base
edit src/search.ts 0 300
