#include <doctest/doctest.h>

#include "platform/heap.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

// What it is worth is measured by scripts/bench; arenas that other tests made cannot be taken back here.
TEST_CASE("heap: the allocator takes what it is told, or it is said that there is nobody to tell")
{
    auto const kept = platform::keep_heap_small();
    if (!kept) CHECK(kept.error().code == errc::not_supported);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(kept);
#endif
}
