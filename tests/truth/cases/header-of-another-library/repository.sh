put libs/net/include/net/stats.hpp <<< 'inline int counter = 0;'
put libs/gfx/include/gfx/stat_window.hpp <<< 'inline int counter = 0;'
base
edit libs/gfx/include/gfx/stat_window.hpp 'int counter' 'std::atomic<int> counter'
