#pragma once

#include <string>

#include "platform/firewall.hpp"
#include "platform/macos/plist.hpp"

/// The two firewalls of a Mac: the one for applications, and the packet filter pf(4).
namespace rollcall::platform
{

enum class ApplicationFirewall {
    off,
    on,         ///< Asks for each program; what Apple or a known maker signed may be let in by itself.
    blocks_all, ///< But for what the system needs.
};

/// "Firewall is enabled. (State = 1)" of socketfilterfw --getglobalstate: the number counts, not the words.
[[nodiscard]] Result<ApplicationFirewall> parse_global_state(std::string_view text);
/// `globalstate` in com.apple.alf.plist, where macOS before 15 kept it.
[[nodiscard]] Result<ApplicationFirewall> global_state_of(plist::Value const& settings);

struct PacketFilter {
    bool enabled{};
    bool blocks{};     ///< A rule of the main list blocks what comes in.
    bool blocks_all{}; ///< "block drop in all", or without a direction.
};
/// `pfctl -s info` and `pfctl -s rules`. bad_message: the first does not tell whether it is enabled.
[[nodiscard]] Result<PacketFilter> parse_packet_filter(std::string_view info, std::string_view rules);

/// Both together. Where one cannot be read and the other does not filter, nobody knows.
[[nodiscard]] FirewallFacts judge_mac_firewall(Result<ApplicationFirewall> const& applications,
                                               Result<PacketFilter> const& packets);

} // namespace rollcall::platform
