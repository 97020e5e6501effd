put src/search.ts <<< 'export const text = "";'
put src/theme.ts <<< 'export const dark = false;'
base
edit src/theme.ts false true
put src/colours.ts <<< 'export const ink = "#111";'
main_moves
edit src/search.ts '""' 'sessionStorage.getItem("search") ?? ""'
