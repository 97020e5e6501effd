put src/dialog.ts <<'END'
export function close(): void {
  hide();
}
END
base
edit src/dialog.ts '  hide();' '  hide();
  removeEventListener("keydown", () => close());
  removeEventListener("click", () => close());'
