#include "platform/heap.hpp"

namespace rollcall::platform
{

Result<> keep_heap_small() { return fail(errc::not_supported, "heap: malloc of macOS takes no such wishes"); }

} // namespace rollcall::platform
