#include <doctest/doctest.h>

#include "platform/macos/keychain.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("keychain: certificates are told once each, by fingerprint; torn ones with the reason")
{
    static constexpr std::string_view keychain = "/Library/Keychains/System.keychain";
    auto const leaf = test::fixture("certificates/leaf.pem");
    auto const authority = test::fixture("certificates/authority.pem");
    auto const found = parse_keychain(leaf + authority + leaf + "-----BEGIN CERTIFICATE-----\nAAAA\n", keychain);
    REQUIRE(found);
    REQUIRE(found->size() == 3);
    REQUIRE(found->at(0).facts);
    CHECK(found->at(0).path == std::string(keychain) + "#" + found->at(0).facts->fingerprint.substr(0, 16));
    CHECK(found->at(1).facts);
    CHECK(reason(found->at(2).facts.error()) == "bad_message");
    CHECK(found->at(2).path == std::string(keychain) + "#4");

    CHECK(parse_keychain("", keychain)->empty());
    CHECK(reason(parse_keychain("security: SecKeychainSearchCopyNext", keychain).error()) == "bad_message");
    std::string many;
    for (std::size_t i = 0; i <= most_in_keychain; ++i)
        many += "-----BEGIN CERTIFICATE-----\n";
    CHECK(reason(parse_keychain(many, keychain).error()) == "limit_exceeded");
    test::torment(leaf, [](std::string_view text) { return parse_keychain(text, keychain).has_value(); });
}
