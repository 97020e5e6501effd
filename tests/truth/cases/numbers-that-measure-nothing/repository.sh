put README.md <<< '# server'
put src/index.ts <<< 'export {};'
builds
base
cat >> README.md <<'END'

1. Install Node 22 (the LTS of 2025).
2. Run `npm start`; it listens on port 8080.
3. HTTP 404 means that version 1 of the API is gone.
END
