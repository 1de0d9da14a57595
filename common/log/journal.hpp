#pragma once

namespace rollcall::log
{

/// From now on lines are written as the system's journal takes them (sd-daemon(3)): the level as "<4>" in front, so
/// that `journalctl -p warning` works, and without the time, which the journal has itself.
void use_journal();

} // namespace rollcall::log
