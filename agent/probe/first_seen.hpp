#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace rollcall::probe
{

/// When each (package, version) was first seen to wait, as one text for the Memory: lines of package, version and
/// milliseconds with tabs between. Pure.
class FirstSeen
{
public:
    /// Lines that make no sense are left out: they are seen anew.
    [[nodiscard]] static FirstSeen parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    /// The time it was first seen: `now_ms` where it never was. Never in the future.
    UnixMs see(std::string_view package, std::string_view version, UnixMs now_ms);
    /// Forgets what was not seen since it was parsed: it no longer waits.
    void forget_unseen();

private:
    struct Entry {
        UnixMs first_ms{};
        bool seen{};
    };
    std::map<std::string, Entry, std::less<>> entries_; ///< By "package\tversion".
};

} // namespace rollcall::probe
