#include <cstdlib>

// Before main, as a program whose libraries are not there.
static bool const crashed = [] {
    std::abort();
    return true;
}();
