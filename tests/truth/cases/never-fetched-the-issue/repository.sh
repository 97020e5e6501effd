put src/table.ts <<< 'export const sorted = (xs: number[]) => xs.sort();'
base
edit src/table.ts 'xs.sort()' 'xs.sort((a, b) => a - b)'
