#pragma once

namespace rollcall::platform
{

/// Where hand_over() of another process started us: has what the service manager tells that one told to ours, from a
/// thread of its own. Once it is gone, that means to end. Nobody, and nothing, otherwise; may be called again.
void listen_to_keeper();

} // namespace rollcall::platform
