put include/ring/ring.hpp <<'END'
struct Ring {
    int size();
};
END
put src/ring.cpp <<'END'
#include "ring/ring.hpp"

int Ring::size() { return 8; }
END
base
edit include/ring/ring.hpp 'size();' 'size() const;'
edit src/ring.cpp 'size() {' 'size() const {'
