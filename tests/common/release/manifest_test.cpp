#include <string>

#include <doctest/doctest.h>

#include "common/release/manifest.hpp"
#include "tests/support/release_key.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::release;

static std::string const hash(64, 'a');

static std::string file_json(std::string const& name, std::string const& kind, std::string const& system,
                             std::string const& architecture, std::string const& bytes = "10")
{
    return R"({"name":")" + name + R"(","kind":")" + kind + R"(","system":")" + system + R"(","architecture":")" +
           architecture + R"(","bytes":)" + bytes + R"(,"sha256":")" + hash + R"("})";
}

/// A good manifest, in which a test replaces one thing by another.
static std::string manifest_json(std::string const& from = {}, std::string const& to = {})
{
    std::string text = R"({"format":1,"product":"rollcall","version":"0.2.0","channel":"stable",)"
                       R"("released_ms":1795400000000,"later":{"than":["us"]},)"
                       R"("waves":[{"percent":5,"after_h":0},{"percent":100,"after_h":24}],"files":[)" +
                       file_json("rollcall-agent-0.2.0-linux-x86_64", "program", "linux", "x86_64") + "," +
                       file_json("rollcall-agent_0.2.0_amd64.deb", "deb", "linux", "x86_64") + "," +
                       file_json("rollcall-agent-0.2.0-macos-universal", "program", "macos", "universal") + "]}";
    if (from.empty()) return text;
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

TEST_CASE("release: versions are compared by their numbers, and have one text each")
{
    CHECK(*parse_version("0.9.10") > *parse_version("0.9.9"));
    CHECK(*parse_version("1.0.0") > *parse_version("0.65535.65535"));
    CHECK(*parse_version("1.2.3") == *parse_version("1.2.3"));
    CHECK(to_string(*parse_version("10.20.65535")) == "10.20.65535");
    for (auto const* const bad : {"", "1", "1.2", "1.2.3.4", "1.2.65536", "01.2.3", "1.2.03", "1.2.3-beta", "1..3",
                                  ".1.2", "1.2.", " 1.2.3", "1.2.3 ", "-1.2.3", "+1.2.3", "1.2.x", "1.2.3\n"}) {
        CAPTURE(bad);
        auto const version = parse_version(bad);
        REQUIRE_FALSE(version);
        CHECK(version.error().code == errc::bad_input);
    }
}

TEST_CASE("release: a manifest is read whole, and what a later one adds is skipped")
{
    auto const manifest = parse_manifest(manifest_json());
    REQUIRE(manifest);
    CHECK(to_string(manifest->version) == "0.2.0");
    CHECK(manifest->channel == Channel::stable);
    CHECK(manifest->released_ms == 1'795'400'000'000);
    CHECK(manifest->waves == std::vector<Wave>{{5, 0}, {100, 24}});
    REQUIRE(manifest->files.size() == 3);
    CHECK(manifest->files[0].name == "rollcall-agent-0.2.0-linux-x86_64");
    CHECK(manifest->files[0].sha256 == hash);
    CHECK(parse_manifest(manifest_json(R"("deb")", R"("snap")")));
    CHECK(parse_manifest(manifest_json(R"("waves":[{"percent":5,"after_h":0},{"percent":100,"after_h":24}],)", "")));
}

TEST_CASE("release: a machine finds its program, and on macOS the universal one")
{
    auto const manifest = parse_manifest(manifest_json());
    REQUIRE(manifest);
    REQUIRE(find_file(*manifest, "program", "linux", "x86_64") != nullptr);
    CHECK(find_file(*manifest, "program", "linux", "x86_64")->name == "rollcall-agent-0.2.0-linux-x86_64");
    CHECK(find_file(*manifest, "program", "linux", "arm64") == nullptr);
    CHECK(find_file(*manifest, "program", "windows", "x86_64") == nullptr);
    REQUIRE(find_file(*manifest, "program", "macos", "arm64") != nullptr);
    CHECK(find_file(*manifest, "program", "macos", "x86_64")->architecture == "universal");
}

TEST_CASE("release: what does not fit is refused, and named")
{
    struct Case {
        char const* from;
        char const* to;
        char const* named;
        errc code = errc::bad_message;
    };
    for (auto const& [from, to, named, code] : {
             Case{R"("format":1)", R"("format":2)", "manifest.format", errc::not_supported},
             Case{R"("format":1)", R"("format":"1")", "manifest.format"},
             Case{R"("product":"rollcall")", R"("product":"other")", "manifest.product", errc::not_supported},
             Case{R"("version":"0.2.0")", R"("version":"0.2")", "manifest.version"},
             Case{R"("version":"0.2.0",)", "", "manifest.version"},
             Case{R"("version":"0.2.0")", R"("version":2)", "manifest.version"},
             Case{R"("channel":"stable")", R"("channel":"nightly")", "manifest.channel"},
             Case{R"("released_ms":1795400000000)", R"("released_ms":0)", "manifest.released_ms"},
             Case{R"("released_ms":1795400000000)", R"("released_ms":1e300)", "manifest.released_ms"},
             Case{R"("percent":5)", R"("percent":0)", "manifest.waves.0.percent"},
             Case{R"("percent":5)", R"("percent":100)", "manifest.waves.1.percent"},
             Case{R"("after_h":0)", R"("after_h":-1)", "manifest.waves.0.after_h"},
             Case{R"("after_h":0)", R"("after_h":48)", "manifest.waves.1.after_h"},
             Case{R"([{"percent":5,"after_h":0},{"percent":100,"after_h":24}])", R"([1])", "manifest.waves"},
             Case{R"([{"percent":5,"after_h":0},{"percent":100,"after_h":24}])", R"({})", "manifest.waves"},
             Case{"rollcall-agent-0.2.0-linux-x86_64", "../rollcall-agent", "manifest.files.0.name"},
             Case{"rollcall-agent-0.2.0-linux-x86_64", ".hidden", "manifest.files.0.name"},
             Case{"rollcall-agent-0.2.0-linux-x86_64", "a b", "manifest.files.0.name"},
             Case{"rollcall-agent-0.2.0-linux-x86_64", "", "manifest.files.0.name"},
             Case{"rollcall-agent_0.2.0_amd64.deb", "rollcall-agent-0.2.0-linux-x86_64", "manifest.files.1.name"},
             Case{R"("deb")", R"("program")", "manifest.files.1.kind"},
             Case{R"("deb")", R"("Deb")", "manifest.files.1.kind"},
             Case{R"("bytes":10)", R"("bytes":0)", "manifest.files.0.bytes"},
             Case{R"("bytes":10)", R"("bytes":268435457)", "manifest.files.0.bytes"},
             Case{R"("bytes":10)", R"("bytes":10.0)", "manifest.files.0.bytes"},
             Case{"aaaaaaaa", "AAAAAAAA", "manifest.files.0.sha256"},
             Case{"aaaaaaaa", "a", "manifest.files.0.sha256"},
         }) {
        auto const written = std::string(to);
        CAPTURE(written);
        auto const manifest = parse_manifest(manifest_json(from, to));
        REQUIRE_FALSE(manifest);
        CHECK(manifest.error().code == code);
        CHECK_MESSAGE(manifest.error().trace.starts_with(named), manifest.error().trace);
    }
    for (auto const* const text : {"", "[]", "null", "{", "\xff", "[[[[[[[[[[1]]]]]]]]]]"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_manifest(text));
    }
}

TEST_CASE("release: what is longer than a manifest may be is not read, and neither are more files than it may have")
{
    auto const long_one = parse_manifest(std::string(limits::manifest_bytes + 1, ' '));
    REQUIRE_FALSE(long_one);
    CHECK(long_one.error().code == errc::limit_exceeded);
    std::string files;
    for (std::size_t i = 0; i <= limits::files; ++i)
        files += file_json("file-" + std::to_string(i), "deb", "linux", "x86_64") + ",";
    auto const many = parse_manifest(manifest_json(R"("files":[)", R"("files":[)" + files));
    REQUIRE_FALSE(many);
    CHECK(many.error().trace.find("at most 64") != std::string::npos);
    auto const name = std::string(limits::name_bytes, 'n');
    CHECK(parse_manifest(manifest_json("rollcall-agent_0.2.0_amd64.deb", name)));
    CHECK_FALSE(parse_manifest(manifest_json("rollcall-agent_0.2.0_amd64.deb", name + "n")));
}

TEST_CASE("release: only exactly what was signed has that signature")
{
    auto const key = support::release_public_key();
    auto const text = manifest_json();
    auto const signature = support::sign_release(text);
    CHECK(verify_signature(text, signature, key));
    auto bare = signature;
    bare.pop_back();
    CHECK(verify_signature(text, bare, key));
    CHECK(verify_signature(text, bare + "\r\n", key));

    auto const changed = verify_signature(text + " ", signature, key);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().code == errc::unauthenticated);
    auto other = bare;
    other[10] = other[10] == 'A' ? 'B' : 'A';
    CHECK(verify_signature(text, other, key).error().code == errc::unauthenticated);
    CHECK(verify_signature("", signature, key).error().code == errc::unauthenticated);
    // The key of another house.
    CHECK(verify_signature(text, signature, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").error().code ==
          errc::unauthenticated);
}

TEST_CASE("release: a build without a key takes nothing, and what is no key or no signature is said")
{
    auto const key = support::release_public_key();
    auto const text = manifest_json();
    auto const signature = support::sign_release(text);
    auto const none = verify_signature(text, signature, "");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::not_supported);
    for (auto const& bad : {std::string("x"), key.substr(1), key + "=", " " + key.substr(1), std::string(44, '=')})
        CHECK(verify_signature(text, signature, bad).error().code == errc::bad_input);
    for (auto const& bad : {std::string(), std::string("\n"), signature + "\n", signature.substr(4),
                            " " + signature.substr(1), std::string(88, '=')})
        CHECK(verify_signature(text, bad, key).error().code == errc::bad_input);
}
