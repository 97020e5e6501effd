put .github/ISSUE_TEMPLATE/bug.md <<< 'What happened?'
put .github/workflows/ci.yml <<< 'on: push'
put src/index.ts <<< 'export {};'
builds
base
cat >> .github/ISSUE_TEMPLATE/bug.md <<< 'Which version?'
