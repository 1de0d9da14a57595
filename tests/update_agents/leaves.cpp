#include <cstdlib>

// With the exit code that says "not enrolled".
static bool const left = [] {
    std::_Exit(3);
    return true;
}();
