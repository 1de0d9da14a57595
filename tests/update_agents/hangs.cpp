#include <chrono>
#include <thread>

static bool const hung = [] {
    std::this_thread::sleep_for(std::chrono::hours(24));
    return true;
}();
