put src/name.cpp <<< 'const char* name = "foo";'
gate 'no-such-test-tool --all'
base
edit src/name.cpp foo bar
