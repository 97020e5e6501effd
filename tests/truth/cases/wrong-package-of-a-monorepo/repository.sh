put packages/billing/src/invoice.ts <<'END'
export const vat = (net: number): number => net * 0.19;
END
put packages/shop/src/checkout.ts <<'END'
import { rates } from "./rates";
export const gross = (net: number, country: string): number => net * (1 + (rates[country] ?? 0));
END
put packages/shop/src/rates.ts <<'END'
export const rates: Record<string, number> = { DE: 0.19 };
END
base
edit packages/shop/src/rates.ts 'DE: 0.19' 'DE: 0.19, FR: 0.2, AT: 0.2'
edit packages/shop/src/checkout.ts '?? 0' '?? 0.19'
