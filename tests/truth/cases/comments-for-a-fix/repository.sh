put src/sum.cpp <<'END'
#include <vector>

int sum(const std::vector<int>& xs) {
    int total = 0;
    for (int x : xs) total += x;
    return total;
}
END
builds
base
edit src/sum.cpp 'int sum(' '// Careful: may overflow.
int sum('
