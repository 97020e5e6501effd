put src/format.ts <<'END'
export const upper = (s: string): string => s.toUpperCase();
END
put src/format.test.ts <<'END'
import { upper } from "./format";

test("upper", () => {
  expect(upper("a")).toBe("A");
});
END
builds
base
cat >> src/format.ts <<'END'

export const formatBytes = (n: number): string => {
  if (n < 1024) return `${n} B`;
  return `${Math.round(n / 1024)} KiB`;
};
END
