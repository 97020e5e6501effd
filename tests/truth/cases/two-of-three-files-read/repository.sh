put src/session.ts <<'END'
export interface Session { token: string; seenAt: number }
export const isAlive = (s: Session, now: number): boolean => true;
END
put src/login.ts <<'END'
import { Session } from "./session";
export function login(token: string): Session {
  return { token, seenAt: 0 };
}
END
put src/audit.ts <<'END'
export function audit(who: string): void {
  console.log(`login of ${who}`);
}
END
base
edit src/session.ts 'true;' 'now - s.seenAt < 30 * 60_000;'
edit src/login.ts 'seenAt: 0' 'seenAt: Date.now()'
edit src/audit.ts 'who: string' 'who: string, token: string'
edit src/audit.ts '${who}' '${who} with ${token}'
