put src/escape.ts <<< 'export const escape = (s: string): string => s;'
base
edit src/escape.ts '=> s' '=> s.replaceAll("<", "&lt;")'
