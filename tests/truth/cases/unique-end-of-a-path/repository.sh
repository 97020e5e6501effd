put packages/editor/src/save.ts <<< 'export const save = async (): Promise<void> => {};'
put packages/editor/src/leave.ts <<'END'
import { save } from "./save";

export function leave(): void {
  close();
}
END
base
edit packages/editor/src/save.ts '{};' '{ await write(); };'
edit packages/editor/src/leave.ts '  close();' '  save();
  close();'
