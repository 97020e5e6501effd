put src/hash.cpp <<'END'
unsigned hash(const char* s) {
    unsigned h = 0;
    while (*s) h = h * 31 + *s++;
    return h;
}
END
base
edit src/hash.cpp 'h * 31' '(h << 5) - h'
