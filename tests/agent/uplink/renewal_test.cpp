#include <doctest/doctest.h>

#include <set>

#include "agent/uplink/renewal.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

TEST_CASE("renewal: due between two thirds and three quarters of the life, for one certificate always the same moment")
{
    std::set<UnixMs> moments;
    for (int i = 0; i < 8; ++i) {
        auto const made = support::issue("device", "", nullptr);
        auto const begins_ms = *net::not_before(*made.certificate) * 1000;
        auto const life_ms = *net::not_after(*made.certificate) * 1000 - begins_ms;
        auto const pem = *net::to_pem(*made.certificate);
        auto const due = uplink::renewal_due(pem);
        REQUIRE(due);
        CHECK(*due >= begins_ms + life_ms / 3 * 2);
        CHECK(*due <= begins_ms + life_ms / 4 * 3);
        CHECK(*uplink::renewal_due(pem) == *due);
        moments.insert(*due);
    }
    CHECK(moments.size() > 1);
    CHECK_FALSE(uplink::renewal_due("nothing"));
}
