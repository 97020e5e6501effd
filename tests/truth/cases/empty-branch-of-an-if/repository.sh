put src/gate.cpp <<'END'
void gate(bool open) {
    if (open) {
    } else {
        wait();
    }
}
END
base
put src/gate.cpp <<'END'
void gate(bool open) {
    if (!open) {
        wait();
    }
}
END
