#include "collector/store/retention.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rollcall::store
{

Result<> check(Retention const& retention)
{
    std::array<std::pair<std::string_view, Retention::Days>, 10> const fields{{
        {"state_changes", retention.state_changes},
        {"events", retention.events},
        {"gaps", retention.gaps},
        {"actions", retention.actions},
        {"alerts", retention.alerts},
        {"readings", retention.readings},
        {"five_minutes", retention.five_minutes},
        {"hours", retention.hours},
        {"days", retention.days},
        {"audit", retention.audit},
    }};
    for (auto const& [name, days] : fields)
        if (days < retention_least || days > retention_most)
            return fail(errc::bad_input,
                        fmt::format("retention.{}: {} days is not within {} to {}. Choose a number "
                                    "of days between them, or leave it out.",
                                    name, days.count(), retention_least.count(), retention_most.count()));
    return {};
}

} // namespace rollcall::store
