put web/order.ts <<'END'
export async function save(order: object): Promise<void> {
  await post("/orders", order);
}
END
base
put web/order.ts <<'END'
let saving = false;

export async function save(order: object): Promise<void> {
  if (saving) return;
  saving = true;
  try {
    await post("/orders", order);
  } finally {
    saving = false;
  }
}
END
