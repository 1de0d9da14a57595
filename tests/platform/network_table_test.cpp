#include <array>

#include <doctest/doctest.h>

#include "platform/windows/network_table.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("network_table: hardware addresses, and none where there is none")
{
    std::array<std::uint8_t, 6> const bytes = {0x52, 0x54, 0x00, 0xAB, 0x0C, 0xFF};
    CHECK(*mac_text(bytes) == "52:54:00:ab:0c:ff");
    CHECK(reason(mac_text({}).error()) == "not_found");
    CHECK_FALSE(mac_text(std::array<std::uint8_t, 6>{}));
}

TEST_CASE("network_table: a link's speed in megabits, and nothing made of a link that does not know")
{
    CHECK(*link_speed(1'000'000'000) == 1000);
    CHECK(*link_speed(2'500'000'000'000) == 2'500'000);
    CHECK_FALSE(link_speed(0));
    CHECK_FALSE(link_speed(999'999));
    CHECK_FALSE(link_speed(UINT64_MAX));
}

TEST_CASE("network_table: addresses that mean this machine or this cable only")
{
    using V4 = std::array<std::uint8_t, 4>;
    using V6 = std::array<std::uint8_t, 16>;
    CHECK(is_local_address(V4{127, 0, 0, 1}));
    CHECK(is_local_address(V4{169, 254, 1, 2}));
    CHECK_FALSE(is_local_address(V4{169, 253, 1, 2}));
    CHECK_FALSE(is_local_address(V4{10, 0, 0, 1}));
    CHECK(is_local_address(V6{0xFE, 0x80}));
    CHECK(is_local_address(V6{0xFE, 0xBF}));
    CHECK_FALSE(is_local_address(V6{0xFE, 0xC0}));
    CHECK_FALSE(is_local_address(V6{0xFD}));
    V6 loopback{};
    loopback[15] = 1;
    CHECK(is_local_address(loopback));
}
