put packages/billing/src/invoice.ts <<'END'
let last = 0;

export function nextInvoiceNumber(): number {
  last += 2;
  return last;
}
END
put packages/billing/src/payment.ts <<'END'
import { nextInvoiceNumber } from "./invoice";

export const pay = (): number => nextInvoiceNumber();
END
put packages/gallery/src/grid.ts <<'END'
export function columns(width: number): number {
  return Math.floor(width / 200);
}
END
put packages/gallery/src/zoom.ts <<'END'
export const zoom = (factor: number): number => factor * 2;
END
builds
base
edit packages/gallery/src/grid.ts 200 240
