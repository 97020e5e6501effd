put src/feed.ts <<< 'export {};'
base
lines 480 'export const field@ = (row: string[]): string => row[@];' > src/feed.ts
mkdir fixtures
lines 60 'row @;a;b;c' > fixtures/feed.txt
