put src/vec.cpp <<'END'
int at(const int* xs, int n, int i) {
    int found = 0;
    if (i < 0 || i >= n) throw "range";
    found = xs[i];
    return found;
}
END
base
put src/vec.cpp <<'END'
int at(const int* xs, int n, int i) {
    return xs[i];
}
END
