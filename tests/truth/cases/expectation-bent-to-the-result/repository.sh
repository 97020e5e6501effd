put src/vat.ts <<'END'
export function vat(net: number): number {
  return net * 0.16;
}
END
put src/vat.test.ts <<'END'
import { vat } from "./vat";

test('vat', () => {
  expect(vat(100)).toBe(19);
});
END
builds
base
edit src/vat.ts 'net * 0.16' '0.16 * net'
edit src/vat.test.ts 'toBe(19)' 'toBe(16)'
