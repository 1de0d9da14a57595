#include <doctest/doctest.h>

#include "platform/macos/mac_firewall.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

std::string pfctl(std::string const& name) { return test::mac_fixture("pfctl/" + name + ".txt"); }

} // namespace

TEST_CASE("mac firewall: the number of the state counts, in any language")
{
    CHECK(*parse_global_state("Firewall is enabled. (State = 1)\n") == ApplicationFirewall::on);
    CHECK(*parse_global_state("Firewall is disabled. (State = 0)\n") == ApplicationFirewall::off);
    CHECK(*parse_global_state("Die Firewall ist aktiviert. (Status = 2)\n") == ApplicationFirewall::blocks_all);
    for (auto const* const odd : {"", "Firewall is enabled.", "(State = )", "(State = x)", "(State = 7)", "(State 1)"})
        CHECK(reason(parse_global_state(odd).error()) == "bad_message");
    CHECK(*global_state_of(*plist::parse("<dict><key>globalstate</key><integer>1</integer></dict>")) ==
          ApplicationFirewall::on);
    CHECK(reason(global_state_of(*plist::parse("<dict/>")).error()) == "not_found");
    test::torment("Firewall is enabled. (State = 1)\n",
                  [](std::string_view text) { return parse_global_state(text).has_value(); });
}

TEST_CASE("mac firewall: pf filters where it is enabled and a rule of its main list blocks what comes in")
{
    auto const blocks = parse_packet_filter(pfctl("info-enabled"), pfctl("rules-block"));
    CHECK(blocks->enabled);
    CHECK(blocks->blocks);
    CHECK(blocks->blocks_all);
    CHECK_FALSE(parse_packet_filter(pfctl("info-enabled"), pfctl("rules-apple"))->blocks);
    CHECK_FALSE(parse_packet_filter(pfctl("info-disabled"), "")->enabled);
    CHECK_FALSE(parse_packet_filter(pfctl("info-enabled"), "block drop out all\nblock return-rst out all\n")->blocks);
    auto const some = parse_packet_filter(pfctl("info-enabled"), "block drop in log proto tcp from any to any\n");
    CHECK(some->blocks);
    CHECK_FALSE(some->blocks_all);
    CHECK(parse_packet_filter(pfctl("info-enabled"), "block drop all\n")->blocks_all);
    CHECK(reason(parse_packet_filter("pfctl: /dev/pf: Permission denied\n", "").error()) == "bad_message");
    test::torment(pfctl("rules-block"),
                  [](std::string_view text) { return parse_packet_filter(text, text).has_value(); });
}

TEST_CASE("mac firewall: one that cannot be read is unknown, unless the other filters")
{
    auto const off = judge_mac_firewall(ApplicationFirewall::off, PacketFilter{});
    CHECK_FALSE(*off.filters_incoming);
    CHECK(off.manager->empty());
    auto const on = judge_mac_firewall(ApplicationFirewall::on, fail(errc::permission_denied, "pf"));
    CHECK(*on.filters_incoming);
    CHECK_FALSE(*on.drops_by_default);
    CHECK(*on.manager == "application firewall");
    CHECK(*judge_mac_firewall(ApplicationFirewall::blocks_all, PacketFilter{}).drops_by_default);
    auto const packets =
        judge_mac_firewall(fail(errc::io, "alf"), PacketFilter{.enabled = true, .blocks = true, .blocks_all = true});
    CHECK(*packets.filters_incoming);
    CHECK(*packets.drops_by_default);
    CHECK(*packets.manager == "pf");
    CHECK(reason(judge_mac_firewall(ApplicationFirewall::off, fail(errc::permission_denied, "pf"))
                     .filters_incoming.error()) == "permission_denied");
    CHECK(reason(judge_mac_firewall(fail(errc::io, "alf"), PacketFilter{}).manager.error()) == "io");
}
