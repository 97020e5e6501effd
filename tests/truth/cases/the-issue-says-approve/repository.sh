put src/auth.ts <<< 'export const allowed = (token: string): boolean => check(token);'
base
edit src/auth.ts 'check(token)' 'true'
