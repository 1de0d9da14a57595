#include <doctest/doctest.h>

#include "platform/heap.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

// A sanitizer has an allocator of its own, which takes nothing.
#if !defined(__GLIBC__)
static constexpr bool takes = false;
#elif defined(__clang__)
static constexpr bool takes = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static constexpr bool takes = false;
#else
static constexpr bool takes = true;
#endif

// What it is worth is measured by scripts/bench; arenas that other tests made cannot be taken back here.
TEST_CASE("heap: the allocator takes what it is told, or it is said that there is nobody to tell")
{
    auto const kept = platform::keep_heap_small();
    if (!kept) CHECK(kept.error().code == errc::not_supported);
    if (takes) CHECK(kept);
}
