put src/notes.ts <<'END'
type Note = { id: number; owner: string };
const notes = new Map<number, Note>();

export function remove(id: number, user: string): boolean {
  if (notes.get(id)?.owner !== user) {
    return false;
  }
  return notes.delete(id);
}
END
base
put src/notes.ts <<'END'
type Note = { id: number; owner: string };
const notes = new Map<number, Note>();

export function remove(id: number, user: string): boolean {
  return drop(id);
}

const drop = (id: number): boolean => notes.delete(id);
END
