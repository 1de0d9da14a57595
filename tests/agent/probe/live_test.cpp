#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

#include "agent/probe/probe.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"

using namespace rollcall;

namespace
{

probe::Context live_context()
{
    return {.machine = platform::make_machine(),
            .memory = std::make_shared<probe::VolatileMemory>(),
            .clock = std::make_shared<SystemClock>()};
}

/// To look at what the readers see on a machine: ROLLCALL_SHOW=1 probe_test -tc='*this machine*'
void show(std::string_view name, Result<Snapshot> const& seen)
{
    if (std::getenv("ROLLCALL_SHOW") == nullptr) return;
    auto const text = seen ? boost::json::serialize(wire::to_json(*seen)) : seen.error().trace;
    std::printf("%.*s: %s\n", static_cast<int>(name.size()), name.data(), text.c_str());
}

} // namespace

TEST_CASE("probe: every reader runs on this machine, and what it says fits its declaration")
{
    auto const context = live_context();
    for (auto const& declared : wire::probes()) {
        CAPTURE(std::string(declared.name));
        auto const reader = probe::make_reader(declared.name, context);
        REQUIRE(reader != nullptr);
        for (int turn = 0; turn < 2; ++turn) {
            auto seen = reader->read();
            if (turn == 1) show(declared.name, seen);
            if (!seen) {
                CHECK(!seen.error().trace.empty());
                CHECK(!reason(seen.error()).empty());
                continue;
            }
            auto const before = *seen;
            auto const fits = wire::check(*seen, declared);
            CHECK(fits);
            if (!fits) MESSAGE(fits.error().trace);
            CHECK(*seen == before); // No column that the declaration lacks was dropped.
            for (auto const& [key, row] : *seen) {
                if (declared.key_label.empty()) CHECK(key.empty());
                CHECK(row.size() == declared.columns.size());
            }
        }
    }
}

TEST_CASE("probe: what every machine has is known on this one")
{
    auto const context = live_context();
    auto const os = probe::make_reader("os", context)->read();
    REQUIRE(os);
    auto const& row = os->at("");
    CHECK(std::get<std::string>(row.at("family")) == (support::on_windows ? "windows" : "linux"));
    CHECK(std::get<std::int64_t>(row.at("boot_ms")) > 1'500'000'000'000);
    CHECK(std::get<std::int64_t>(row.at("boot_ms")) <= SystemClock{}.now_ms());
    if (!support::on_windows) CHECK(std::get<std::string>(row.at("boot_id")).size() == 36); // Wine has none.

    auto const memory = probe::make_reader("memory", context)->read();
    REQUIRE(memory);
    auto const used = std::get<double>(memory->at("").at("used_percent"));
    CHECK(used > 0.0);
    CHECK(used < 100.0);

    auto const volumes = probe::make_reader("volumes", context)->read();
    REQUIRE(volumes);
    CHECK(volumes->contains(support::on_windows ? "C:\\" : "/"));
}
