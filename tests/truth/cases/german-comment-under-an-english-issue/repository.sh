put src/window.cpp <<'END'
void close(Window* w) {
    hide(w);
    draw(w->buffer);
}
END
base
edit src/window.cpp '    draw' '    free(w->buffer);
    draw'
