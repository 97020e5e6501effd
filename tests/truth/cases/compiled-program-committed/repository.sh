put src/main.cpp <<< 'int main() { return 0; }'
builds
base
edit src/main.cpp '{ return 0; }' '{ return puts("1.0") < 0; }'
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0' > app
head -c 90000 /dev/zero >> app
