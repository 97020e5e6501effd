put packages/a/index.ts <<< 'export {};'
put packages/b/index.ts <<< 'export {};'
base
put packages/a/index.ts <<< 'export * from "./types";'
put packages/b/index.ts <<< 'export * from "./types";'
