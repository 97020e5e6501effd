put src/calendar/slots.ts <<'END'
export const start = (at: Date): number => at.getHours();
END
base
edit src/calendar/slots.ts 'getHours' 'getUTCHours'
