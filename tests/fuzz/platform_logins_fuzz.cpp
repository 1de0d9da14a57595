#include "platform/linux/utmp.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace platform = rollcall::platform;

/// The binary records of log-ins and the table of users.
FUZZ_TARGET(bytes)
{
    for (auto const& record : platform::parse_utmp(bytes))
        static_cast<void>(platform::login_kind(record));
    static_cast<void>(platform::newest_lastlog(bytes, {{0, "root"}, {1, "alice"}}));
    static_cast<void>(platform::parse_passwd(bytes));
}
