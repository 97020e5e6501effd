put src/queue.cpp <<'END'
void Queue::push(int x) { cells[end++] = x; }
END
base
edit src/queue.cpp 'cells[end++]' 'cells[end.fetch_add(1)]'
