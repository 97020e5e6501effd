put src/poll.ts <<< 'export const delay = 1000;'
base
edit src/poll.ts 1000 2000
