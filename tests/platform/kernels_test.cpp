#include <doctest/doctest.h>

#include "platform/linux/kernels.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("kernels: version and flavour are told apart")
{
    auto const split = [](std::string_view release) {
        auto const parts = split_kernel_release(release);
        return parts.version + "|" + parts.flavour;
    };
    CHECK(split("6.1.0-28-amd64") == "6.1.0-28|amd64");
    CHECK(split("6.1.0-28-cloud-amd64") == "6.1.0-28|cloud-amd64");
    CHECK(split("6.1.0-0.deb11.21-amd64") == "6.1.0-0.deb11.21|amd64");
    CHECK(split("5.15.0-122-generic") == "5.15.0-122|generic");
    CHECK(split("6.11.4-301.fc41.x86_64") == "6.11.4-301.fc41.x86_64|");
    CHECK(split("5.14.0-503.el9.x86_64+debug") == "5.14.0-503.el9.x86_64|debug");
    CHECK(split("6.6.8-arch1-1") == "6.6.8|arch1-1");
    CHECK(split("6.1.0") == "6.1.0|");
    CHECK(split("6.1.0-") == "6.1.0|");
    CHECK(split("") == "|");
}

TEST_CASE("kernels: only the same flavour counts")
{
    std::vector<std::string> const installed = {"6.1.0-18-amd64", "6.1.0-28-amd64", "6.1.0-30-cloud-amd64",
                                                "6.1.0-9-amd64"};
    CHECK(newest_of_flavour("6.1.0-18-amd64", installed) == "6.1.0-28-amd64");
    CHECK(newest_of_flavour("6.1.0-18-cloud-amd64", installed) == "6.1.0-30-cloud-amd64");
    CHECK(newest_of_flavour("6.1.0-18-rt-amd64", installed) == std::nullopt);
    CHECK(newest_of_flavour("6.1.0-18-amd64", {}) == std::nullopt);
}

TEST_CASE("kernels: hostile names do no harm")
{
    test::torment("6.1.0-28-cloud-amd64",
                  [](std::string_view text) { return split_kernel_release(text).version.size(); });
}
