#include "platform/heap.hpp"

namespace rollcall::platform
{

// The heap is chosen before the first instruction, by heapType in the program's manifest (SegmentHeap). What
// HeapSetInformation offers afterwards either holds for one moment (HeapOptimizeResources) or cannot be taken back by a
// program (the low-fragmentation heap).
Result<> keep_heap_small() { return fail(errc::not_supported, "heap: Windows goes by the program's manifest"); }

} // namespace rollcall::platform
