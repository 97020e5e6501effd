put web/utils.ts <<'END'
export const day = (d: Date): string => d.toISOString().slice(0, 10);
export const month = (d: Date): string => d.toISOString().slice(0, 7);
export const year = (d: Date): string => d.toISOString().slice(0, 4);
END
put web/page.ts <<< 'import { day } from "./utils";'
base
mv web/utils.ts web/dates.ts
edit web/page.ts ./utils ./dates
