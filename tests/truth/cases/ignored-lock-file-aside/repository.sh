put package.json <<< '{"dependencies": {"left-pad": "1.2.0"}}'
put package-lock.json <<< '{"lockfileVersion": 3, "left-pad": "1.2.0"}'
put src/index.ts <<< 'export {};'
builds
base
edit package.json 1.2.0 1.3.0
edit package-lock.json 1.2.0 1.3.0
