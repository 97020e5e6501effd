put app/export.ts <<'END'
export const rows = (tasks: { archived: boolean }[]) => tasks.filter((t) => !t.archived);
END
base
edit app/export.ts 'tasks.filter((t) => !t.archived)' tasks
