#include "platform/loader.hpp"

#include <doctest/doctest.h>

#include "tests/support/result.hpp"

using namespace rollcall;

TEST_CASE("loader: the search for libraries is narrowed, also twice, or the system has none to narrow")
{
    for (int turn = 0; turn < 2; ++turn)
        if (auto const done = platform::load_from_system_only(); !done) CHECK(reason(done.error()) == "not_supported");
}
