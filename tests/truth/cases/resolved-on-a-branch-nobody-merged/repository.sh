put web/tip.ts <<< 'export const wait = 0;'
builds
base
edit web/tip.ts 0 200
branch fix/tooltips 'Wait before a tooltip is shown (#7)'
back
