put src/app.cpp <<'END'
double height(double feet) { return feet * 0.3048; }
double width(double feet) { return feet * 0.3048; }
END
base
put src/units.hpp <<'END'
constexpr double metres(double feet) {
    return feet * 0.3048;
}
END
put src/app.cpp <<'END'
#include "units.hpp"

double height(double feet) { return metres(feet); }
double width(double feet) { return metres(feet); }
END
