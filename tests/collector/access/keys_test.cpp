#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "collector/access/keys.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using access::Keys;

TEST_CASE("keys: what is sealed is opened with the same key for the same thing only")
{
    auto const keys = Keys::make();
    auto const sealed = keys.seal("secret", "totp a");
    CHECK(sealed.find("secret") == std::string::npos);
    CHECK(keys.seal("secret", "totp a") != sealed);
    REQUIRE(keys.unseal(sealed, "totp a"));
    CHECK(*keys.unseal(sealed, "totp a") == "secret");
    CHECK(keys.unseal(sealed, "totp b").error().code == errc::corrupt);
    CHECK(Keys::make().unseal(sealed, "totp a").error().code == errc::corrupt);
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto changed = sealed;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CHECK_FALSE(keys.unseal(changed, "totp a"));
    }
    CHECK_FALSE(keys.unseal("", "totp a"));
    CHECK_FALSE(keys.unseal("***", "totp a"));
}

TEST_CASE("keys: the file is made once, is its owner's alone, and another file is refused with a remedy")
{
    support::TempDir folder;
    auto const missing = Keys::open(folder.path(), false);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == errc::corrupt);
    CHECK(missing.error().trace.find("salvage") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
    auto const first = Keys::open(folder.path(), true);
    REQUIRE(first);
    auto const path = folder / Keys::file;
    using std::filesystem::perms;
    CHECK(std::filesystem::status(path).permissions() == (perms::owner_read | perms::owner_write));
    auto const second = Keys::open(folder.path(), false);
    REQUIRE(second);
    CHECK(*second->unseal(first->seal("x", ""), "") == "x");

    std::ofstream(path) << "no key\n";
    auto const refused = Keys::open(folder.path(), false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::corrupt);
    CHECK(refused.error().trace.find("backup") != std::string::npos);
}
