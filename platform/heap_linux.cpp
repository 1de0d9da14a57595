#include "platform/heap.hpp"

#include <malloc.h>

namespace rollcall::platform
{

#ifdef __GLIBC__

/// Free bytes at the heap's end beyond which they are given back, and how many are taken at a time (mallopt(3); 128 KiB
/// each by default). The agent holds about 3 MiB.
static constexpr int trim_bytes = 64 * 1024;
static constexpr int step_bytes = 16 * 1024;

Result<> keep_heap_small()
{
    // NOLINTBEGIN(concurrency-mt-unsafe): there are no threads yet.
    bool const told = ::mallopt(M_ARENA_MAX, 1) == 1 && ::mallopt(M_TRIM_THRESHOLD, trim_bytes) == 1 &&
                      ::mallopt(M_TOP_PAD, step_bytes) == 1;
    // NOLINTEND(concurrency-mt-unsafe)
    if (!told) return fail(errc::not_supported, "heap: mallopt");
    return {};
}

#else

Result<> keep_heap_small() { return fail(errc::not_supported, "heap: not glibc"); }

#endif

} // namespace rollcall::platform
