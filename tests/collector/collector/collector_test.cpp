#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "collector/collector.hpp"
#include "collector/data_folder.hpp"
#include "collector/gateway/ca.hpp"
#include "common/log/log.hpp"
#include "common/sqlite/database.hpp"
#include "common/sqlite/transaction.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using collector::Collector;
using collector::DataFolder;

static Collector::Options options(std::filesystem::path const& data)
{
    Collector::Options made;
    made.data = data;
    made.listen = "127.0.0.1";
    made.port = 0;
    made.threads = 1;
    return made;
}

TEST_CASE("data folder: it is made for its owner only, and one collector keeps a second out")
{
    support::TempDir const temp;
    auto const path = temp / "a" / "b";
    {
        auto const first = DataFolder::open(path);
        REQUIRE(first);
        CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
              std::filesystem::perms::owner_all);
        auto const second = DataFolder::open(path);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == errc::conflict);
        CHECK(second.error().trace.find("another collector uses it") != std::string::npos);
    }
    CHECK(DataFolder::open(path));
}

TEST_CASE("data folder: a file in its place, and one that nobody has used, are told in a sentence")
{
    support::TempDir const temp;
    std::ofstream(temp / "file") << "x";
    auto const file = DataFolder::open(temp / "file");
    REQUIRE_FALSE(file);
    CHECK(file.error().code == errc::bad_input);
    auto const below = DataFolder::open(temp / "file" / "below");
    REQUIRE_FALSE(below);
    CHECK(below.error().trace.find("--data") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(temp / "file" / "below"));
    // Nobody, root neither, can make files there.
    for (auto const* const path : {"/proc", "/proc/rollcall/data"}) {
        auto const unwritable = DataFolder::open(path);
        REQUIRE_FALSE(unwritable);
        CHECK(unwritable.error().code == errc::permission_denied);
        CHECK(unwritable.error().trace.find("cannot be written") != std::string::npos);
    }
    auto const unused = DataFolder::visit(temp / "nothing");
    REQUIRE_FALSE(unused);
    CHECK(unused.error().code == errc::not_found);
    CHECK_FALSE(std::filesystem::exists(temp / "nothing"));
}

TEST_CASE("collector: it starts, comes back with the same identity, and its first password is never logged")
{
    support::TempDir const temp;
    log::Capture const capture;
    std::string password;
    std::string fingerprint;
    {
        auto const running = Collector::start(options(temp / "data"));
        REQUIRE(running);
        CHECK((*running)->port() != 0);
        CHECK((*running)->address() == "localhost:" + std::to_string((*running)->port()));
        REQUIRE((*running)->first_password());
        password = *(*running)->first_password();
        auto const folder = DataFolder::visit(temp / "data");
        REQUIRE(folder);
        fingerprint = *folder->ca_fingerprint();

        auto const again = Collector::start(options(temp / "data"));
        REQUIRE_FALSE(again);
        CHECK(again.error().code == errc::conflict);
        auto taken = options(temp / "other");
        taken.port = (*running)->port();
        auto const second = Collector::start(taken);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == errc::conflict);
        CHECK(second.error().trace.find("port") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(temp / "other"));
        (*running)->stop();
        (*running)->stop();
    }
    auto const running = Collector::start(options(temp / "data"));
    REQUIRE(running);
    CHECK((*running)->first_password() != password);
    CHECK(*DataFolder::visit(temp / "data")->ca_fingerprint() == fingerprint);
    for (auto const& line : capture.lines())
        CHECK(line.find(password) == std::string::npos);
}

TEST_CASE("collector: it is alive while loops and writer get on, and not while the writer is held up")
{
    support::TempDir const temp;
    log::Capture const capture;
    auto const running = Collector::start(options(temp / "data"));
    REQUIRE(running);
    CHECK((*running)->alive(std::chrono::minutes(1)));
    auto const eventually = [](auto condition) {
        for (int i = 0; i < 3000 && !condition(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return condition();
    };
    // Longer than between two beats, and shorter than the writer waits for somebody else's lock.
    auto const limit = std::chrono::milliseconds(2500);
    {
        auto db = sqlite::Database::open({.path = temp / "data" / DataFolder::database_file});
        REQUIRE(db);
        auto const held = sqlite::Transaction::begin(*db);
        REQUIRE(held);
        CHECK(eventually([&] { return !(*running)->alive(limit); }));
    }
    CHECK(eventually([&] { return (*running)->alive(limit); }));
    (*running)->stop();
    CHECK_FALSE((*running)->alive(std::chrono::minutes(1)));
}

TEST_CASE("collector: wrong options are told before anything is made")
{
    support::TempDir const temp;
    auto wrong = options(temp / "data");
    wrong.public_url = "http://host";
    CHECK(Collector::start(wrong).error().code == errc::bad_input);
    wrong = options(temp / "data");
    wrong.thresholds = temp / "missing.toml";
    CHECK(Collector::start(wrong).error().code == errc::not_found);
    std::ofstream(temp / "bad.toml") << "[cpu_high]\nraisee = 5\n";
    wrong.thresholds = temp / "bad.toml";
    CHECK(Collector::start(wrong).error().code == errc::bad_input);
    CHECK_FALSE(std::filesystem::exists(temp / "data"));
}

TEST_CASE("command line: tokens and passwords are made beside a running collector")
{
    support::TempDir const temp;
    CHECK(collector::create_token(temp / "data", {.customer = "A"}).error().code == errc::not_found);
    auto made = options(temp / "data");
    made.public_url = "https://rollcall.example:9443";
    auto const running = Collector::start(made);
    REQUIRE(running);
    auto const word = collector::create_token(temp / "data", {.customer = "A", .uses = 2});
    REQUIRE(word);
    auto const content = wire::decode_token(*word);
    REQUIRE(content);
    CHECK(content->address == "rollcall.example:9443");
    CHECK(content->ca_sha256 == *DataFolder::visit(temp / "data")->ca_fingerprint());
    CHECK(collector::create_token(temp / "data", {.customer = "A"}));
    for (auto const& wish :
         {collector::TokenWish{.customer = ""}, {.customer = "A", .uses = 0}, {.customer = "A", .expires_in_s = 1}})
        CHECK(collector::create_token(temp / "data", wish).error().code == errc::bad_input);
    CHECK(collector::reset_password(temp / "data", "admin"));
    CHECK(collector::reset_password(temp / "data", "nobody").error().code == errc::not_found);
}

TEST_CASE("collector: its own certificates are replaced before they end, while it runs")
{
    support::TempDir const temp;
    log::Capture const capture;
    support::ManualClock clock;
    auto wish = options(temp / "data");
    wish.clock = &clock;
    auto const running = Collector::start(std::move(wish));
    REQUIRE(running);
    auto const server = [&] {
        std::ifstream file(temp / "data" / "server.pem");
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    auto const fingerprint = DataFolder::visit(temp / "data")->ca_fingerprint();
    auto const first = server();
    auto const renewed = [&](std::string const& before) {
        for (int i = 0; i < 6000 && server() == before; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return server() != before;
    };
    clock.advance(std::chrono::hours(24 * (gateway::server_days - gateway::server_renew_days + 1)));
    CHECK(renewed(first));
    CHECK(*DataFolder::visit(temp / "data")->ca_fingerprint() == *fingerprint);
    auto const second = server();
    clock.advance(std::chrono::hours(24 * (gateway::ca_days - 350)));
    CHECK(renewed(second));
    CHECK(*DataFolder::visit(temp / "data")->ca_fingerprint() != *fingerprint);
    (*running)->stop();
    CHECK(capture.has("collector.keys_renewed"));
    CHECK_FALSE(capture.has("collector.keys_not_renewed"));
}
