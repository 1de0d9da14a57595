#include <algorithm>

#include <doctest/doctest.h>

#include <windows.h>

#include "platform/network.hpp"
#include "platform/own_usage.hpp"
#include "platform/performance.hpp"
#include "platform/processes.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("performance: counters of the processors only grow")
{
    auto const performance = make_performance();
    auto const before = performance->cpu();
    REQUIRE(before);
    auto const begun = ::GetTickCount64();
    while (::GetTickCount64() - begun < 200) {
    }
    auto const after = performance->cpu();
    REQUIRE(after);
    CHECK(after->total() > before->total());
    CHECK(after->user >= before->user);
    CHECK_FALSE(after->tells_io_wait);
}

TEST_CASE("performance: memory and page files within their bounds")
{
    auto const memory = make_performance()->memory();
    REQUIRE(memory);
    CHECK(memory->total_bytes > 64LL * 1024 * 1024);
    CHECK(memory->available_bytes > 0);
    CHECK(memory->available_bytes <= memory->total_bytes);
    CHECK(memory->swap_total_bytes >= 0);
    CHECK(memory->swap_free_bytes >= 0);
    CHECK(memory->swap_free_bytes <= memory->swap_total_bytes);
}

TEST_CASE("performance: disks have counters, or the reason why not; there is no load")
{
    auto const disks = make_performance()->disks();
    if (disks)
        for (auto const& [name, counters] : disks->of)
            CHECK(name.starts_with("PhysicalDrive"));
    else
        CHECK_FALSE(disks.error().trace.empty());
    CHECK(reason(make_performance()->load().error()) == "not_supported");
}

TEST_CASE("performance: traffic is told under the names of network interfaces")
{
    auto const traffic = make_performance()->network();
    auto const cards = make_network()->interfaces();
    REQUIRE(traffic);
    REQUIRE(cards);
    for (auto const& [name, counters] : traffic->of) {
        auto const& wanted = name;
        CHECK(std::any_of(cards->begin(), cards->end(), [&](auto const& card) { return card.name == wanted; }));
    }
}

TEST_CASE("network: cards and addresses, without loopback")
{
    auto const network = make_network();
    auto const cards = network->interfaces();
    REQUIRE(cards);
    for (auto const& card : *cards) {
        CHECK_FALSE(card.name.empty());
        if (card.mac) CHECK(card.mac->size() % 3 == 2);
        if (card.mtu) CHECK(*card.mtu >= 576);
        CHECK(card.up);
    }
    auto const addresses = network->addresses();
    REQUIRE(addresses);
    for (auto const& address : *addresses) {
        CHECK(address.text != "127.0.0.1");
        CHECK(address.text != "::1");
        CHECK_FALSE(address.text.starts_with("fe80"));
        CHECK_FALSE(address.text.starts_with("169.254."));
        CHECK(address.prefix_length <= (address.v6 ? 128 : 32));
        CHECK(std::any_of(cards->begin(), cards->end(),
                          [&](auto const& card) { return card.name == address.interface_name; }));
    }
}

TEST_CASE("processes: we are among them, and somebody runs us")
{
    auto const processes = make_processes();
    auto const list = processes->list();
    REQUIRE(list);
    auto const ours = std::find_if(list->processes.begin(), list->processes.end(), [](auto const& process) {
        return process.id == std::int64_t{::GetCurrentProcessId()};
    });
    REQUIRE(ours != list->processes.end());
    CHECK(ours->name.find("test") != std::string::npos);
    CHECK(ours->memory_bytes > 0);
    REQUIRE(ours->started_ms);
    CHECK(*ours->started_ms > 1'700'000'000'000);
    auto const user = processes->user_of(ours->id);
    REQUIRE(user);
    CHECK_FALSE(user->empty());
    CHECK(*processes->user_of(ours->id) == *user);
    CHECK(std::none_of(list->processes.begin(), list->processes.end(), [](auto const& one) { return one.id == 0; }));
    CHECK(reason(processes->user_of(0x7FFFFFF0).error()) == "not_found");
    CHECK(reason(processes->user_of(-1).error()) == "not_found");
}

TEST_CASE("own_usage: this program has a size, threads and a past")
{
    auto const facts = make_own_usage()->read();
    REQUIRE(facts);
    REQUIRE(facts->resident_bytes);
    CHECK(*facts->resident_bytes > 100'000);
    REQUIRE(facts->threads);
    CHECK(*facts->threads >= 1);
    if (facts->anonymous_bytes) CHECK(*facts->anonymous_bytes <= *facts->resident_bytes);
    if (facts->descriptors) CHECK(*facts->descriptors > 0);
    REQUIRE(facts->cpu);
    CHECK(facts->children);
}
