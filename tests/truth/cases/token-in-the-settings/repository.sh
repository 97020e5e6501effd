put src/notify.ts <<< 'export const token = process.env.SLACK_TOKEN;'
builds
base
edit src/notify.ts 'process.env.SLACK_TOKEN' "'xoxb-2481632641-7741093325817-$(printf %s pQ7vRk2ZsW9tXb4NcY6mLd8H)'"
