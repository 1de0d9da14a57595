#include "platform/macos/mac_firewall.hpp"

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform
{

namespace
{

Result<ApplicationFirewall> global_state(std::int64_t number)
{
    switch (number) {
    case 0:
        return ApplicationFirewall::off;
    case 1:
        return ApplicationFirewall::on;
    case 2:
        return ApplicationFirewall::blocks_all;
    default:
        return fail(errc::bad_message, fmt::format("firewall: the unknown state {}", number));
    }
}

} // namespace

Result<ApplicationFirewall> parse_global_state(std::string_view text)
{
    // "(State = 1)": the words around it are translated.
    auto const open = text.rfind('(');
    auto const equals = open == std::string_view::npos ? open : text.find('=', open);
    auto const close = equals == std::string_view::npos ? equals : text.find(')', equals);
    if (close == std::string_view::npos) return fail(errc::bad_message, "firewall: socketfilterfw tells no state");
    auto const number = texts::to_integer(texts::trim(text.substr(equals + 1, close - equals - 1)));
    if (!number) return fail(errc::bad_message, "firewall: socketfilterfw tells no state");
    return global_state(*number);
}

Result<ApplicationFirewall> global_state_of(plist::Value const& settings)
{
    auto const number = settings.integer("globalstate");
    if (!number) return fail(errc::not_found, "firewall: the settings tell no state");
    return global_state(*number);
}

Result<PacketFilter> parse_packet_filter(std::string_view info, std::string_view rules)
{
    PacketFilter filter;
    bool told = false;
    for (auto const line : texts::lines(info)) {
        auto const words = texts::words(line);
        if (words.size() < 2 || words[0] != "Status:") continue;
        if (words[1] != "Enabled" && words[1] != "Disabled") continue;
        told = true;
        filter.enabled = words[1] == "Enabled";
    }
    if (!told) return fail(errc::bad_message, "firewall: pfctl does not tell whether it is enabled");
    for (auto const line : texts::lines(rules)) {
        auto const words = texts::words(line);
        if (words.empty() || words[0] != "block") continue;
        std::size_t at = 1;
        // "block drop in …", "block return-rst out …".
        if (at < words.size() && (words[at] == "drop" || words[at].starts_with("return"))) ++at;
        bool const outgoing = at < words.size() && words[at] == "out";
        if (outgoing) continue;
        if (at < words.size() && words[at] == "in") ++at;
        filter.blocks = true;
        if (at < words.size() && words[at] == "log") ++at;
        if (at + 1 == words.size() && words[at] == "all") filter.blocks_all = true;
    }
    return filter;
}

FirewallFacts judge_mac_firewall(Result<ApplicationFirewall> const& applications, Result<PacketFilter> const& packets)
{
    bool const by_program = applications && *applications != ApplicationFirewall::off;
    bool const by_packet = packets && packets->enabled && packets->blocks;
    FirewallFacts facts;
    if (!by_program && !by_packet && (!applications || !packets)) {
        auto const& why = applications ? packets.error() : applications.error();
        facts.filters_incoming = Result<bool>(why);
        facts.drops_by_default = Result<bool>(why);
        facts.manager = Result<std::string>(why);
        return facts;
    }
    facts.filters_incoming = by_program || by_packet;
    facts.drops_by_default =
        (by_program && *applications == ApplicationFirewall::blocks_all) || (by_packet && packets->blocks_all);
    facts.manager = std::string(by_program ? "application firewall" : by_packet ? "pf" : "");
    return facts;
}

} // namespace rollcall::platform
