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
edit src/sum.cpp 'int sum(' '// Sums of ints need more than an int.
long long sum('
edit src/sum.cpp 'int total' 'long long total'
