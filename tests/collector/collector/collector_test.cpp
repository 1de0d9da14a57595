#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <sys/mount.h>

#include "collector/audit_log.hpp"
#include "collector/backup.hpp"
#include "collector/collector.hpp"
#include "collector/data_folder.hpp"
#include "collector/gateway/ca.hpp"
#include "collector/store/store.hpp"
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

TEST_CASE("data folder: one on a read-only or a full disk is told in a sentence, before anything is made")
{
    support::TempDir const temp;
    auto const disk = temp / "disk";
    std::filesystem::create_directory(disk);
    if (mount("none", disk.c_str(), "tmpfs", 0, "size=200m") != 0) {
        MESSAGE("skipped: no right to mount a small file system");
        return;
    }
    std::string fingerprint;
    {
        auto const running = Collector::start(options(disk / "data"));
        REQUIRE(running);
        fingerprint = *DataFolder::visit(disk / "data")->ca_fingerprint();
    }
    REQUIRE(mount("none", disk.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    for (auto const* const name : {"data", "other"}) {
        auto const refused = Collector::start(options(disk / name));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::permission_denied);
        CHECK(refused.error().trace.find((disk / name).string() + ": its file system is read-only.") !=
              std::string::npos);
        CHECK(refused.error().trace.find("--data") != std::string::npos);
    }
    auto const token = collector::create_token(disk / "data", {.customer = "Acme", .uses = 1, .expires_in_s = 3600});
    REQUIRE_FALSE(token);
    CHECK(token.error().trace.find("read-only") != std::string::npos);

    REQUIRE(mount("none", disk.c_str(), "tmpfs", MS_REMOUNT, "size=20m") == 0);
    auto const full = Collector::start(options(disk / "data"));
    REQUIRE_FALSE(full);
    CHECK(full.error().code == errc::limit_exceeded);
    CHECK(full.error().trace.find("MiB are free") != std::string::npos);

    REQUIRE(mount("none", disk.c_str(), "tmpfs", MS_REMOUNT, "size=200m") == 0);
    CHECK(Collector::start(options(disk / "data")));
    CHECK(*DataFolder::visit(disk / "data")->ca_fingerprint() == fingerprint);
    CHECK(umount(disk.c_str()) == 0);
}

TEST_CASE("collector: a database that is damaged or gone is told with file and remedy, and never begun anew")
{
    support::TempDir const temp;
    log::Capture const capture;
    auto const data = temp / "data";
    auto const database = data / DataFolder::database_file;
    {
        auto const running = Collector::start(options(data));
        REQUIRE(running);
    }
    auto const fingerprint = *DataFolder::visit(data)->ca_fingerprint();
    REQUIRE(collector::create_token(data, {.customer = "Acme", .uses = 1, .expires_in_s = 3600}));
    std::filesystem::copy_file(database, temp / "good.db");
    auto const refused = [&] {
        auto const started = Collector::start(options(data));
        REQUIRE_FALSE(started);
        CHECK(started.error().code == errc::corrupt);
        CHECK(started.error().trace.find(data.string()) != std::string::npos);
        return started.error().trace;
    };
    auto const write_at = [&](std::size_t place, std::string const& bytes) {
        std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(place)).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    };

    write_at(0, "This was SQLite.");
    CHECK(refused().find("rollcall-collector restore") != std::string::npos);
    std::filesystem::remove(database);
    CHECK(refused().find("Restore the last backup") != std::string::npos);
    std::ofstream(database).flush();
    CHECK(refused().find("missing or empty") != std::string::npos);
    CHECK(std::filesystem::file_size(database) == 0);

    // Of one page that is gone everything else is saved: here that of a table, not one that says which tables there
    // are.
    std::filesystem::copy_file(temp / "good.db", database, std::filesystem::copy_options::overwrite_existing);
    constexpr std::size_t page = 4096;
    auto const events = [&] {
        auto db = sqlite::Database::open({.path = temp / "good.db", .read_only = true});
        REQUIRE(db);
        auto query = db->prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'event'");
        REQUIRE(query);
        REQUIRE(*query->step());
        return static_cast<std::size_t>(query->integer(0));
    }();
    write_at((events - 1) * page, std::string(page, '\xA5'));
    CHECK(refused().find("rollcall-collector salvage") != std::string::npos);
    auto const saved = collector::salvage(data, temp / "saved", SystemClock());
    REQUIRE(saved);
    CHECK(saved->tables.at("customer").rows == 1);
    auto const running = Collector::start(options(temp / "saved"));
    REQUIRE(running);
    CHECK(*DataFolder::visit(temp / "saved")->ca_fingerprint() == fingerprint);
    auto const busy = collector::salvage(temp / "saved", temp / "again", SystemClock());
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == errc::conflict);
    CHECK_FALSE(std::filesystem::exists(temp / "again"));
}

TEST_CASE("collector: the audit log holds what the command line did, and is checked and printed by it")
{
    support::TempDir const temp;
    log::Capture const capture;
    auto const data = temp / "data";
    {
        auto const running = Collector::start(options(data));
        REQUIRE(running);
        REQUIRE(collector::create_token(data, {.customer = "Acme", .uses = 1, .expires_in_s = 3600}));
        REQUIRE(collector::reset_password(data, "admin", true));
    }
    auto const report = collector::verify_audit_log(data, {});
    REQUIRE(report);
    // The head was exported at the start, when there was no row, and at the stop.
    CHECK(collector::to_string(*report) == "rows 1 to 2 are whole; 2 exported heads fit");
    std::vector<std::string> lines;
    REQUIRE(collector::export_audit_log(data, [&](std::string const& line) { lines.push_back(line); }));
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("rollcall-collector create-token") != std::string::npos);
    CHECK(lines[1].find("reset-password --remove-second-step") != std::string::npos);
    CHECK(lines[2].find("\"signature\"") != std::string::npos);
    std::ofstream(temp / "kept") << lines[2] << "\n";

    {
        auto db = sqlite::Database::open({.path = data / DataFolder::database_file});
        REQUIRE(db);
        REQUIRE(db->exec("DELETE FROM audit WHERE id = 2"));
    }
    std::filesystem::remove(data / access::Auditor::file);
    auto const gone = collector::verify_audit_log(data, {});
    REQUIRE_FALSE(gone);
    CHECK(gone.error().trace.find("--heads") != std::string::npos);
    auto const cut = collector::verify_audit_log(data, temp / "kept");
    REQUIRE_FALSE(cut);
    CHECK(cut.error().trace.find("rows 2 to 2, at the end, are missing") != std::string::npos);
}

TEST_CASE("collector: a lost key is not made anew where something depends on it, and salvage makes another")
{
    support::TempDir const temp;
    log::Capture const capture;
    auto const data = temp / "data";
    REQUIRE(Collector::start(options(data)));
    REQUIRE(collector::create_token(data, {.customer = "Acme", .uses = 1, .expires_in_s = 3600}));
    std::filesystem::remove(data / "access.key");
    for (auto const& trace :
         {Collector::start(options(data)).error().trace, collector::verify_audit_log(data, {}).error().trace,
          collector::reset_password(data, "admin", false).error().trace,
          collector::create_token(data, {.customer = "Acme", .uses = 1, .expires_in_s = 3600}).error().trace})
        CHECK(trace.find("the collector's key is missing") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data / "access.key"));
    REQUIRE(collector::salvage(data, temp / "saved", SystemClock()));
    CHECK(Collector::start(options(temp / "saved")));
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
    CHECK(collector::reset_password(temp / "data", "admin", false));
    CHECK(collector::reset_password(temp / "data", "nobody", false).error().code == errc::not_found);
}

TEST_CASE("collector: a clock that leaps, or files that vanish, take no CA away from under it")
{
    support::TempDir const temp;
    log::Capture const capture;
    support::ManualClock clock;
    auto wish = options(temp / "data");
    wish.clock = &clock;
    auto const running = Collector::start(std::move(wish));
    REQUIRE(running);
    auto const told = [&](char const* name) {
        for (int i = 0; i < 6000 && !capture.has(name); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return capture.has(name);
    };
    auto const fingerprint = *DataFolder::visit(temp / "data")->ca_fingerprint();
    clock.jump(std::chrono::hours(24 * 365 * 30)); // A leap is looked at at once.
    CHECK(told("collector.keys_clock_ahead"));
    CHECK(*DataFolder::visit(temp / "data")->ca_fingerprint() == fingerprint);
    clock.jump(-std::chrono::hours(24 * 365 * 30));

    std::filesystem::remove(temp / "data" / "ca.key");
    std::filesystem::remove(temp / "data" / "ca.pem");
    clock.advance(collector::look_after_keys_every);
    CHECK(told("collector.keys_exchanged"));
    (*running)->stop();
    CHECK_FALSE(capture.has("collector.keys_renewed"));
}

TEST_CASE("collector: started with a clock that is years ahead it makes no other CA, and says so")
{
    support::TempDir const temp;
    log::Capture const capture;
    support::ManualClock clock;
    auto const wish = [&] {
        auto made = options(temp / "data");
        made.clock = &clock;
        return made;
    };
    REQUIRE(Collector::start(wish()));
    { // A device, and what the upkeep keeps sooner or later.
        auto const store = store::Store::open({.file = temp / "data" / "rollcall.db"});
        REQUIRE(store);
        REQUIRE((*store)->write([&](sqlite::Database& db) -> Result<> {
            auto const now_ms = clock.now_ms();
            if (auto r = store::add_customer(db, {.id = "acme", .name = "Acme", .created_ms = now_ms}); !r) return r;
            store::EnrolmentToken const token{.id = "token",
                                              .customer_id = "acme",
                                              .secret_sha256 = std::string(64, 'a'),
                                              .created_ms = now_ms,
                                              .expires_ms = now_ms,
                                              .uses = 1,
                                              .uses_left = 1};
            if (auto r = store::add_token(db, token); !r) return r;
            store::Device device{.id = "pc", .customer_id = "acme", .name = "pc", .hardware_id = "hw"};
            device.token_id = "token";
            device.enrolled_ms = now_ms;
            if (auto r = store::add_device(db, device); !r) return r;
            return store::save_age_clock(db, first_look(std::nullopt, now_ms));
        }));
    }
    auto const files = [&] {
        std::string all;
        for (auto const* const name : {"ca.pem", "ca.key", "server.pem"}) {
            std::ifstream file(temp / "data" / name);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    };
    auto const before = files();
    clock.jump(std::chrono::hours(24 * 365 * 12));
    {
        auto const running = Collector::start(wish());
        REQUIRE(running);
        CHECK(capture.has("collector.keys_clock_ahead"));
        CHECK(files() == before);
        clock.jump(-std::chrono::hours(24 * 365 * 12));
    }
    auto const running = Collector::start(wish());
    REQUIRE(running);
    CHECK(files() == before);
    CHECK_FALSE(capture.has("collector.keys_renewed"));
    CHECK_FALSE(capture.has("collector.keys_clock_unknown"));
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
