#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/backup.hpp"
#include "collector/collector.hpp"
#include "collector/data_folder.hpp"
#include "collector/store/copy.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using collector::back_up;
using collector::Collector;
using collector::DataFolder;
using collector::restore_backup;
using collector::verify_backup;

namespace fs = std::filesystem;

namespace
{

std::string contents(fs::path const& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// In place, so that the file keeps its rights.
void overwrite(fs::path const& path, std::string const& text)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

void replace(fs::path const& path, std::string_view what, std::string_view with)
{
    auto text = contents(path);
    auto const place = text.find(what);
    REQUIRE(place != std::string::npos);
    overwrite(path, text.replace(place, what.size(), with));
}

/// The data folder of a collector that has run, with one device in its store.
struct Data {
    log::Capture const capture;
    support::TempDir temp;
    fs::path path = temp / "data";
    SystemClock clock;

    Data()
    {
        Collector::Options options;
        options.data = path;
        options.listen = "127.0.0.1";
        options.port = 0;
        options.threads = 1;
        REQUIRE(Collector::start(options));
        REQUIRE(open()->write([](sqlite::Database& db) -> Result<> {
            if (auto r = store::add_customer(db, {.id = "acme", .name = "Acme", .created_ms = 1}); !r) return r;
            store::EnrolmentToken token{.id = "token",
                                        .customer_id = "acme",
                                        .secret_sha256 = sha256_hex("secret"),
                                        .created_ms = 1,
                                        .expires_ms = 1000,
                                        .uses = 2,
                                        .uses_left = 2};
            if (auto r = store::add_token(db, token); !r) return r;
            store::Device device{.id = "pc", .customer_id = "acme", .name = "pc", .hardware_id = "hw"};
            device.fingerprint = "f";
            device.token_id = "token";
            return store::add_device(db, device);
        }));
    }

    [[nodiscard]] std::unique_ptr<store::Store> open() const { return open(path); }
    [[nodiscard]] static std::unique_ptr<store::Store> open(fs::path const& folder)
    {
        auto opened = store::Store::open({.file = folder / DataFolder::database_file});
        REQUIRE(opened);
        return std::move(*opened);
    }

    /// So much that copying it takes a moment.
    void grow(std::int64_t events) const
    {
        REQUIRE(open()->write([events](sqlite::Database& db) -> Result<> {
            for (std::int64_t i = 1; i <= events; ++i) {
                wire::Event event;
                event.sequence = static_cast<std::uint64_t>(i);
                event.name = "boot";
                event.detail["boot_id"] = std::string(4000, 'x');
                if (auto r = store::add_event(db, "pc", "large", event); !r) return r;
            }
            return {};
        }));
    }
};

/// What round `n` leaves in several tables, in one transaction: nothing of it depends on when it runs.
Result<> write_round(sqlite::Database& db, std::uint64_t n)
{
    auto const at = static_cast<UnixMs>(n);
    wire::Event event;
    event.sequence = n;
    event.name = "boot";
    event.at_ms = at;
    event.detail["boot_id"] = std::string(n % 500, 'b');
    if (auto r = store::add_event(db, "pc", "epoch", event); !r) return r;
    Snapshot const changed{{"row " + std::to_string(n % 7), {{"label", std::to_string(n)}}}};
    if (auto r = store::change_state(db, "pc", "services", changed, {}, at); !r) return r;
    if (auto r = store::set_last_seen(db, "pc", at, "1"); !r) return r;
    return store::set_high_water(db, "pc", "epoch", wire::Lane::event, n);
}

std::uint64_t rounds_in(store::Store& store)
{
    std::uint64_t rounds = 0;
    REQUIRE(store.read([&](sqlite::Database& db) -> Result<> {
        auto const mark = store::high_water(db, "pc", "epoch", wire::Lane::event);
        if (!mark) return mark.error();
        rounds = *mark;
        return {};
    }));
    return rounds;
}

/// Rows of one database that are not in the other, over all tables and both ways.
std::int64_t differing_rows(fs::path const& one, fs::path const& other)
{
    auto db = sqlite::Database::open({.path = one / DataFolder::database_file});
    REQUIRE(db);
    REQUIRE(db->exec("ATTACH '" + (other / DataFolder::database_file).string() + "' AS other"));
    std::vector<std::string> tables;
    {
        auto query = db->prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        REQUIRE(query);
        while (*query->step())
            tables.push_back(query->text(0));
    }
    CHECK(tables.size() > 10);
    std::int64_t differing = 0;
    for (auto const& table : tables)
        for (auto const& [from, to] : {std::pair("main", "other"), std::pair("other", "main")}) {
            auto query = db->prepare("SELECT count(*) FROM (SELECT * FROM " + std::string(from) + "." + table +
                                     " EXCEPT SELECT * FROM " + to + "." + table + ")");
            REQUIRE(query);
            REQUIRE(*query->step());
            differing += query->integer(0);
        }
    return differing;
}

/// Runs the collector's program and kills it as soon as `moment` exists; false: it had ended before.
bool run_and_kill(std::vector<std::string> words, fs::path const& moment)
{
    auto const child = fork();
    if (child == 0) {
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        if (dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO) < 0) _exit(126);
        execv(ROLLCALL_COLLECTOR, arguments.data());
        _exit(127);
    }
    int status = 0;
    std::error_code unknown;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (!fs::exists(moment, unknown)) continue;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        break;
    }
    if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

bool says(Error const& error, std::string_view what) { return error.trace.find(what) != std::string::npos; }

} // namespace

TEST_CASE("backup: taken again and again while the store is written to, each is one moment: 0 rows differ")
{
    Data const data;
    // The same beginning, for playing the rounds once more.
    REQUIRE(back_up(data.path, data.temp / "beginning", data.clock));

    // The store tells of what waits in it until it is gone.
    std::atomic<std::uint64_t> submitted = 0;
    std::atomic<std::uint64_t> acknowledged = 0;
    auto const store = data.open();
    std::atomic<bool> enough = false;
    std::thread writer([&] {
        while (!enough) {
            auto const n = submitted + 1;
            if (!store->submit([n](sqlite::Database& db) { return write_round(db, n); },
                               [&acknowledged, n](Result<> const& done) {
                                   if (done) acknowledged = n;
                               }))
                std::this_thread::yield(); // The queue is full.
            else
                submitted = n;
        }
    });
    struct Taken {
        fs::path folder;
        std::uint64_t before = 0;
        std::uint64_t after = 0;
    };
    std::vector<Taken> all;
    for (int i = 0; i < 4; ++i) {
        auto const start = acknowledged.load();
        while (acknowledged < start + 50)
            std::this_thread::yield();
        Taken taken{.folder = data.temp / ("backup" + std::to_string(i)), .before = acknowledged, .after = 0};
        auto const made = back_up(data.path, taken.folder, data.clock);
        CHECK(made);
        taken.after = submitted + 1;
        all.push_back(taken);
    }
    enough = true;
    writer.join();
    CHECK(submitted > 200);

    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& taken = all[i];
        CHECK(verify_backup(taken.folder));
        auto const restored = data.temp / ("restored" + std::to_string(i));
        REQUIRE(restore_backup(taken.folder, restored));
        auto const rounds = rounds_in(*Data::open(restored));
        CHECK(rounds >= taken.before);
        CHECK(rounds <= taken.after);
        auto const played = data.temp / ("played" + std::to_string(i));
        REQUIRE(restore_backup(data.temp / "beginning", played));
        REQUIRE(Data::open(played)->write([rounds](sqlite::Database& db) -> Result<> {
            for (std::uint64_t n = 1; n <= rounds; ++n)
                if (auto done = write_round(db, n); !done) return done;
            return {};
        }));
        CHECK(differing_rows(restored, played) == 0);
    }
}

TEST_CASE("backup: it holds every file of the data folder, readable by its owner only, and a collector runs on it")
{
    Data const data;
    auto const made = back_up(data.path, data.temp / "backup", data.clock);
    REQUIRE(made);
    CHECK(made->rows > 3);
    CHECK(made->schema > 0);
    CHECK(to_string(*made).find("taken 20") == 0);
    CHECK(fs::status(data.temp / "backup").permissions() == fs::perms::owner_all);
    for (auto const& entry : fs::directory_iterator(data.temp / "backup"))
        CHECK(entry.status().permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    for (auto const& entry : fs::directory_iterator(data.path)) {
        auto const name = entry.path().filename().string();
        CAPTURE(name);
        if (name == DataFolder::lock_file || name.ends_with("-wal") || name.ends_with("-shm")) continue;
        CHECK(fs::exists(data.temp / "backup" / name));
    }

    REQUIRE(restore_backup(data.temp / "backup", data.temp / "new" / "place"));
    CHECK(contents(data.temp / "new" / "place" / "ca.key") == contents(data.path / "ca.key"));
    Collector::Options options;
    options.data = data.temp / "new" / "place";
    options.listen = "127.0.0.1";
    options.port = 0;
    options.threads = 1;
    CHECK(Collector::start(options));
    // What ran on the restored folder did not change the backup.
    CHECK(verify_backup(data.temp / "backup"));
}

TEST_CASE("backup: whatever was changed in one is found")
{
    Data const data;
    data.grow(5);
    auto const whole = data.temp / "whole";
    REQUIRE(back_up(data.path, whole, data.clock));
    int number = 0;
    auto const spoilt = [&](auto const& spoil, std::string_view found) {
        auto const copy = data.temp / ("copy" + std::to_string(number++));
        fs::copy(whole, copy, fs::copy_options::recursive);
        REQUIRE(verify_backup(copy));
        spoil(copy);
        auto const verified = verify_backup(copy);
        CAPTURE(found);
        REQUIRE_FALSE(verified);
        CAPTURE(verified.error().trace);
        CHECK(says(verified.error(), "Backup " + copy.string() + ": "));
        CHECK(says(verified.error(), found));
        CHECK_FALSE(restore_backup(copy, data.temp / "never"));
        CHECK_FALSE(fs::exists(data.temp / "never"));
    };
    auto const hash_of = [](fs::path const& path) { return sha256_hex(contents(path)); };
    spoilt([](auto const& copy) { fs::remove(copy / "manifest.json"); }, "manifest.json is missing");
    spoilt([](auto const& copy) { overwrite(copy / "manifest.json", "{"); }, "manifest.json is damaged");
    spoilt([](auto const& copy) { replace(copy / "manifest.json", "\"format\":1", "\"format\":2"); }, "has format 2");
    spoilt([](auto const& copy) { replace(copy / "manifest.json", "\"made_by\"", "\"made_of\""); }, "made_by");
    spoilt([](auto const& copy) { fs::remove(copy / "ca.key"); }, "ca.key is missing");
    spoilt([](auto const& copy) { replace(copy / "ca.pem", "-----END", "------ND"); }, "ca.pem is not as it was");
    spoilt([](auto const& copy) { fs::resize_file(copy / "rollcall.db", 8192); }, "has 8192 bytes");
    spoilt([](auto const& copy) { replace(copy / "rollcall.db", "xxxxxxxx", "xxxxyxxx"); }, "rollcall.db is not as");
    spoilt([](auto const& copy) { overwrite(copy / "rollcall.db-wal", "x"); }, "rollcall.db-wal does not belong");
    spoilt([](auto const& copy) { fs::permissions(copy / "ca.key", fs::perms(0644)); }, "others can read it");
    // Damage that the hashes do not show, since they are of the damaged file.
    spoilt(
        [&](auto const& copy) {
            auto const before = hash_of(copy / "rollcall.db");
            {
                auto db = sqlite::Database::open({.path = copy / "rollcall.db"});
                REQUIRE(db);
                REQUIRE(db->exec("DELETE FROM event WHERE sequence = 3; PRAGMA journal_mode = DELETE"));
            }
            replace(copy / "manifest.json", before, hash_of(copy / "rollcall.db"));
        },
        "event has 4 rows, not 5");
    spoilt(
        [&](auto const& copy) {
            auto const before = hash_of(copy / "rollcall.db");
            {
                auto db = sqlite::Database::open({.path = copy / "rollcall.db"});
                REQUIRE(db);
                REQUIRE(db->exec("PRAGMA foreign_keys = OFF; UPDATE event SET device_id = 'nobody' WHERE sequence = 3;"
                                 "PRAGMA journal_mode = DELETE"));
            }
            replace(copy / "manifest.json", before, hash_of(copy / "rollcall.db"));
        },
        "a row of event belongs to one of device that is not there");
    spoilt(
        [&](auto const& copy) {
            auto const before = hash_of(copy / "rollcall.db");
            {
                auto db = sqlite::Database::open({.path = copy / "rollcall.db"});
                REQUIRE(db);
                REQUIRE(db->exec("UPDATE schema_meta SET version = 9000, compatible_version = 9000;"
                                 "PRAGMA journal_mode = DELETE"));
            }
            replace(copy / "manifest.json", before, hash_of(copy / "rollcall.db"));
        },
        "install the newer version");
    spoilt(
        [&](auto const& copy) {
            auto const before = hash_of(copy / "ca.key");
            overwrite(copy / "ca.key", contents(copy / "server.key"));
            replace(copy / "manifest.json", before, hash_of(copy / "ca.key"));
        },
        "ca.pem does not belong to ca.key");
    spoilt([](auto const& copy) { fs::remove(copy / "access.key"); }, "access.key is missing");
    CHECK(verify_backup(data.temp / "nowhere").error().code == errc::not_found);
}

TEST_CASE("backup: one of before the upgrade has no access.key, is whole, and a collector runs on it")
{
    Data const data;
    CHECK(fs::exists(data.path / "access.key"));
    // As the program of before left it.
    for (auto const* const name : {"access.key", "audit.heads", "rollcall.db", "rollcall.db-wal", "rollcall.db-shm"})
        fs::remove(data.path / name);
    {
        auto db = sqlite::Database::open({.path = data.path / DataFolder::database_file});
        REQUIRE(db);
        constexpr int schema = DataFolder::access_files_since - 1;
        REQUIRE(sqlite::migrate(*db, store::migrations().first(schema), schema));
        REQUIRE(db->exec("INSERT INTO customer (id, name, created_ms) VALUES ('acme', 'Acme', 1)"));
    }
    auto const backup = data.temp / "backup";
    auto const made = back_up(data.path, backup, data.clock);
    REQUIRE(made);
    CHECK(made->schema == DataFolder::access_files_since - 1);
    CHECK_FALSE(fs::exists(backup / "access.key"));
    CHECK(verify_backup(backup));
    auto const saved = collector::salvage(data.path, data.temp / "saved", data.clock);
    REQUIRE(saved);
    CHECK(saved->tables.at("customer").rows == 1);

    Collector::Options options;
    options.listen = "127.0.0.1";
    options.port = 0;
    options.threads = 1;
    for (auto const* const name : {"saved", "restored"}) {
        options.data = data.temp / name;
        if (!fs::exists(options.data)) REQUIRE(restore_backup(backup, options.data));
        CHECK(Collector::start(options));
        CHECK(fs::exists(options.data / "access.key"));
        // From now on it is demanded.
        fs::remove(options.data / "access.key");
        CHECK(says(back_up(options.data, data.temp / "never", data.clock).error(), "access.key is missing"));
        CHECK_FALSE(fs::exists(data.temp / "never"));
    }
    overwrite(backup / "access.key", "not of this backup");
    CHECK(says(verify_backup(backup).error(), "access.key does not belong there"));
}

TEST_CASE("backup: a folder that is there, cannot be made, or has no room is told in a sentence and left as it was")
{
    Data const data;
    fs::create_directory(data.temp / "there");
    CHECK(back_up(data.path, data.temp / "there", data.clock).error().code == errc::conflict);
    CHECK(fs::is_empty(data.temp / "there"));
    CHECK(says(back_up(data.path, "/proc/backup", data.clock).error(), "it cannot be made"));
    CHECK(says(back_up(data.path, data.temp / "a" / "b", data.clock).error(), "it cannot be made"));
    CHECK_FALSE(fs::exists(data.temp / "a"));
    CHECK(back_up(data.temp / "nothing", data.temp / "b", data.clock).error().code == errc::not_found);
    CHECK_FALSE(fs::exists(data.temp / "b"));
    fs::remove(data.path / "server.key");
    CHECK(says(back_up(data.path, data.temp / "b", data.clock).error(), "server.key"));
    CHECK_FALSE(fs::exists(data.temp / "b"));
}

TEST_CASE("backup: a full disk is told, and nothing is left on it")
{
    Data const data;
    data.grow(500);
    auto const small = data.temp / "small";
    fs::create_directory(small);
    if (mount("none", small.c_str(), "tmpfs", 0, "size=1m") != 0) {
        MESSAGE("skipped: no right to mount a small file system");
        return;
    }
    auto const refused = back_up(data.path, small / "backup", data.clock);
    CHECK_FALSE(refused);
    CHECK(says(refused.error(), "bytes, and only"));
    // The same where it becomes full only while it is copied to.
    auto const full = store::copy_database(data.path / DataFolder::database_file, small / "copy.db");
    CHECK_FALSE(full);
    CHECK(says(full.error(), "full"));
    fs::remove(small / "copy.db");
    CHECK(fs::is_empty(small));

    REQUIRE(back_up(data.path, data.temp / "backup", data.clock));
    CHECK(says(restore_backup(data.temp / "backup", small / "data").error(), "MiB are free"));
    CHECK(fs::is_empty(small));
    CHECK(umount(small.c_str()) == 0);
}

TEST_CASE("restore: a folder that is in use, not empty or half restored is refused")
{
    Data const data;
    REQUIRE(back_up(data.path, data.temp / "backup", data.clock));
    {
        auto const used = DataFolder::open(data.path);
        REQUIRE(used);
        auto const refused = restore_backup(data.temp / "backup", data.path);
        REQUIRE_FALSE(refused);
        CHECK(says(refused.error(), "another collector uses it"));
    }
    auto const before = contents(data.path / "rollcall.db");
    CHECK(says(restore_backup(data.temp / "backup", data.path).error(), "it is not empty"));
    CHECK(contents(data.path / "rollcall.db") == before);

    fs::create_directory(data.temp / "other");
    std::ofstream(data.temp / "other" / "photo.jpg") << "x";
    CHECK(restore_backup(data.temp / "backup", data.temp / "other").error().code == errc::conflict);
    CHECK(std::distance(fs::directory_iterator(data.temp / "other"), fs::directory_iterator()) == 1);

    fs::create_directory(data.temp / "half");
    {
        auto const half = DataFolder::open(data.temp / "half");
        REQUIRE(half);
        REQUIRE(half->begin_restore());
    }
    CHECK(says(restore_backup(data.temp / "backup", data.temp / "half").error(), "a restore into it was not finished"));
    CHECK(says(DataFolder::open(data.temp / "half").error(), "a restore into it was not finished"));
    CHECK(says(DataFolder::visit(data.temp / "half").error(), "a restore into it was not finished"));

    fs::create_directory(data.temp / "empty");
    CHECK(restore_backup(data.temp / "backup", data.temp / "empty"));
}

TEST_CASE("backup: killed at any moment, neither a backup nor a restored folder is half a one")
{
    Data const data;
    data.grow(3000);
    auto const whole = data.temp / "whole";
    REQUIRE(back_up(data.path, whole, data.clock));
    auto const wanted = verify_backup(whole);
    REQUIRE(wanted);

    int number = 0;
    int killed = 0;
    for (auto const* const moment : {".", "ca.key", "server.pem", "address", "rollcall.db", "rollcall.db-journal",
                                     "rollcall.db-wal", "manifest.json"}) {
        auto const target = data.temp / ("backup" + std::to_string(number++));
        killed += run_and_kill({"rollcall-collector", "backup", target.string(), "--data", data.path.string()},
                               target / moment)
                      ? 1
                      : 0;
        CAPTURE(moment);
        auto const verified = verify_backup(target);
        CHECK(verified.has_value() == fs::exists(target / "manifest.json"));
        if (!verified) CHECK(says(verified.error(), "manifest.json is missing"));
    }
    for (auto const* const moment : {".", "lock", "restore-unfinished", "ca.key", "address", "rollcall.db",
                                     "rollcall.db-journal", "rollcall.db-wal"}) {
        auto const target = data.temp / ("data" + std::to_string(number++));
        killed +=
            run_and_kill({"rollcall-collector", "restore", whole.string(), "--data", target.string()}, target / moment)
                ? 1
                : 0;
        CAPTURE(moment);
        if (!DataFolder::visit(target)) {
            // Either nothing of a collector is there, or it is refused.
            CHECK((!fs::exists(target / "ca.key") || !DataFolder::open(target)));
            continue;
        }
        auto const again = data.temp / ("again" + std::to_string(number));
        auto const copied = back_up(target, again, data.clock);
        REQUIRE(copied);
        CHECK(copied->rows == wanted->rows);
    }
    CHECK(killed > 0);
}
