#pragma once

#include <sys/timex.h>

#include "platform/time_sync.hpp"

namespace rollcall::platform
{

/// What adjtimex(2) said: synchronised and offset. The rule is timedatectl's: what counts is the largest error the
/// kernel admits, for programs set its flag "unsynchronised" also to keep it from writing to the hardware clock.
void judge_kernel_clock(timex const& clock, TimeSyncFacts& facts);

} // namespace rollcall::platform
