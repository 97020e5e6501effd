put src/reader.cpp <<'END'
bool read(FILE* f) {
    if (!fill(f)) return false;
    fclose(f);
    return true;
}
END
base
edit src/reader.cpp 'if (!fill(f)) return false;' 'const bool ok = fill(f);'
edit src/reader.cpp 'return true' 'return ok'
