put src/fax.ts <<'END'
export function fax(text: string): number {
  return text.length;
}
END
put src/fax.test.ts <<'END'
import { fax } from "./fax";

test("fax", () => {
  expect(fax("a")).toBe(1);
});
END
put src/mail.ts <<< 'export const mail = (text: string): string => text;'
builds
base
rm src/fax.ts src/fax.test.ts
