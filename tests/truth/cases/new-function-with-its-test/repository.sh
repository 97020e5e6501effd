put src/list.ts <<< 'export const last = <T>(xs: T[]): T | undefined => xs[xs.length - 1];'
put src/list.test.ts <<'END'
import { last } from "./list";

test('last', () => {
  expect(last([1, 2])).toBe(2);
});
END
builds
base
cat >> src/list.ts <<'END'

export function chunk<T>(xs: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < xs.length; i += size) out.push(xs.slice(i, i + size));
  return out;
}
END
edit src/list.test.ts '{ last }' '{ chunk, last }'
cat >> src/list.test.ts <<'END'

test('chunk', () => {
  expect(chunk([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
});
END
