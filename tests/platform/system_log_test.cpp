#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "platform/linux/sdjournal.hpp"
#include "platform/system_log.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

/// A fake of libsystemd's journal: records in memory, with cursors "1", "2" … that stay with them.
struct FakeJournal {
    struct Entry {
        int number{};
        std::map<std::string, std::string> fields;
    };
    std::vector<Entry> entries;
    int broken = 0;                     ///< What next() answers, where it is an error.
    std::string matches;                ///< Priorities that are wanted; "" = all.
    int place = 0;                      ///< Number of the current entry; 0: before the first.
    std::optional<std::size_t> current; ///< Its index.
    std::string kept;                   ///< What get_data handed out.
    std::size_t opened = 0;

    void add(int number, std::string const& priority, std::string const& message, std::string const& id = "77")
    {
        entries.push_back({number,
                           {{"PRIORITY", priority},
                            {"MESSAGE", message},
                            {"SYSLOG_IDENTIFIER", "sshd"},
                            {"_SYSTEMD_UNIT", "ssh.service"},
                            {"_PID", id}}});
    }
    [[nodiscard]] bool wanted(Entry const& entry) const
    {
        return matches.empty() || matches.find(entry.fields.at("PRIORITY")) != std::string::npos;
    }
    int step(bool forward)
    {
        if (broken != 0) return broken;
        auto const is_before = [](Entry const& entry, int number) { return entry.number < number; };
        auto at = std::lower_bound(entries.begin(), entries.end(), forward ? place + 1 : place, is_before);
        if (forward) {
            at = std::find_if(at, entries.end(), [&](auto const& one) { return wanted(one); });
            if (at == entries.end()) return 0;
        } else {
            do {
                if (at == entries.begin()) return 0;
                --at;
            } while (!wanted(*at));
        }
        current = static_cast<std::size_t>(at - entries.begin());
        place = at->number;
        return 1;
    }
};

int number_of(char const* cursor) { return static_cast<int>(std::strtol(cursor, nullptr, 10)); }
FakeJournal* fake(sd_journal* raw) { return reinterpret_cast<FakeJournal*>(raw); }
FakeJournal* the_journal = nullptr;

sdjournal::Library fake_library()
{
    sdjournal::Library lib;
    lib.sd_journal_open = [](sd_journal** raw, int) {
        ++the_journal->opened;
        *raw = reinterpret_cast<sd_journal*>(the_journal);
        return 0;
    };
    lib.sd_journal_close = [](sd_journal*) {};
    lib.sd_journal_set_data_threshold = [](sd_journal*, std::size_t) { return 0; };
    lib.sd_journal_add_match = [](sd_journal* raw, void const* data, std::size_t size) {
        fake(raw)->matches += std::string(static_cast<char const*>(data), size).substr(std::strlen("PRIORITY="));
        return 0;
    };
    lib.sd_journal_flush_matches = [](sd_journal* raw) { fake(raw)->matches.clear(); };
    lib.sd_journal_seek_head = [](sd_journal* raw) { return fake(raw)->place = 0; };
    lib.sd_journal_seek_tail = [](sd_journal* raw) {
        fake(raw)->place = 1'000'000;
        return 0;
    };
    lib.sd_journal_seek_cursor = [](sd_journal* raw, char const* cursor) {
        auto const number = number_of(cursor);
        if (number == 0) return -EINVAL;
        fake(raw)->place = number - 1; // The next one is that record, or what follows where it is gone.
        return 0;
    };
    lib.sd_journal_test_cursor = [](sd_journal* raw, char const* cursor) {
        return fake(raw)->place == number_of(cursor) ? 1 : 0;
    };
    lib.sd_journal_get_cursor = [](sd_journal* raw, char** text) {
        *text = ::strdup(std::to_string(fake(raw)->place).c_str());
        return 0;
    };
    lib.sd_journal_next = [](sd_journal* raw) { return fake(raw)->step(true); };
    lib.sd_journal_previous = [](sd_journal* raw) { return fake(raw)->step(false); };
    lib.sd_journal_get_data = [](sd_journal* raw, char const* field, void const** data, std::size_t* size) {
        auto& journal = *fake(raw);
        auto const& fields = journal.entries.at(journal.current.value()).fields;
        auto const found = fields.find(field);
        if (found == fields.end()) return -ENOENT;
        journal.kept = found->first + "=" + found->second;
        *data = journal.kept.data();
        *size = journal.kept.size();
        return 0;
    };
    lib.sd_journal_get_realtime_usec = [](sd_journal* raw, std::uint64_t* us) {
        *us = 1'700'000'000'000'000 + static_cast<std::uint64_t>(fake(raw)->place) * 1'000'000;
        return 0;
    };
    lib.sd_journal_get_cutoff_realtime_usec = [](sd_journal* raw, std::uint64_t* from, std::uint64_t* to) {
        *from = *to = 1'700'000'000'000'000;
        return fake(raw)->entries.empty() ? 0 : 1;
    };
    lib.sd_journal_has_persistent_files = [](sd_journal*) { return 1; };
    return lib;
}

struct JournalFixture {
    FakeJournal journal;
    sdjournal::Library lib = fake_library();

    JournalFixture() { the_journal = &journal; }
    ~JournalFixture() { the_journal = nullptr; }
    JournalFixture(JournalFixture const&) = delete;
    JournalFixture& operator=(JournalFixture const&) = delete;

    Result<LogReading> read(std::string const& position, std::size_t most = 100)
    {
        auto opened = sdjournal::Journal::open_system(lib);
        REQUIRE(opened);
        return opened->read(position, most, 4711);
    }
    static std::string messages(LogReading const& reading)
    {
        std::string all;
        for (auto const& record : reading.records)
            all.append(record.message ? *record.message : "?").append(" ");
        return all;
    }
};

} // namespace

TEST_CASE_FIXTURE(JournalFixture, "journal: the first look tells nothing, the next ones what came since")
{
    journal.add(1, "3", "old");
    journal.add(2, "6", "chatter");
    auto const first = read("");
    REQUIRE(first);
    CHECK(first->records.empty());
    CHECK(first->position == "2");
    CHECK(first->kept_by == "journald");
    CHECK(*first->persistent);
    CHECK(*first->oldest_ms == 1'700'000'000'000);

    journal.add(3, "4", "a warning");
    journal.add(4, "3", "disk failed");
    journal.add(5, "0", "panic");
    journal.add(6, "6", "chatter");
    auto const second = read(first->position);
    REQUIRE(second);
    CHECK(messages(*second) == "disk failed panic ");
    CHECK(second->position == "5");
    CHECK(second->records[0].priority == "error");
    CHECK(*second->records[0].source == "sshd");
    CHECK(*second->records[0].unit == "ssh.service");
    CHECK(second->records[0].at_ms == 1'700'000'004'000);
    CHECK(second->records[1].priority == "emergency");

    auto const third = read(second->position);
    REQUIRE(third);
    CHECK(third->records.empty());
    CHECK(third->left_out == 0);
    CHECK(third->position == "5");
}

TEST_CASE_FIXTURE(JournalFixture, "journal: an empty one has a position too, from which nothing is lost")
{
    auto const first = read("");
    REQUIRE(first);
    CHECK_FALSE(first->oldest_ms);
    CHECK(read(first->position)->records.empty());
    journal.add(1, "3", "one");
    CHECK(messages(*read(first->position)) == "one ");
}

TEST_CASE_FIXTURE(JournalFixture, "journal: where the record of the position is gone, what is around it is told once")
{
    journal.add(7, "3", "seven");
    journal.add(8, "3", "eight");
    CHECK(messages(*read("5")) == "seven eight ");
    CHECK(messages(*read("7")) == "eight ");
    CHECK(messages(*read("8")).empty());
    CHECK(read("9")->records.empty());
    // One that makes no sense: from now on.
    auto const anew = read("noise");
    REQUIRE(anew);
    CHECK(anew->records.empty());
    CHECK(anew->position == "8");
}

TEST_CASE_FIXTURE(JournalFixture, "journal: beyond the limit records are counted and passed, at most 10,000 a time")
{
    for (int i = 1; i <= 12'000; ++i)
        journal.add(i, "3", fmt::format("m{}", i));
    auto const some = read("1", 2);
    REQUIRE(some);
    CHECK(messages(*some) == "m2 m3 ");
    CHECK(some->left_out == 10'000);
    auto const rest = read(some->position, 0);
    REQUIRE(rest);
    CHECK(rest->records.empty());
    CHECK(rest->left_out == 12'000 - 1 - 2 - 10'000);
    CHECK(rest->position == "12000");
}

TEST_CASE_FIXTURE(JournalFixture, "journal: our own words and damaged records do not stand in the way of others")
{
    journal.add(1, "3", "ours", "4711");
    journal.add(2, "3", "theirs");
    journal.add(3, "3", "ours too", "4711");
    auto const reading = read("head");
    REQUIRE(reading);
    CHECK(messages(*reading) == "theirs ");
    CHECK(reading->left_out == 0);
    CHECK(reading->position == "3");

    journal.add(4, "3", std::string(5'000, 'x'));
    journal.entries.back().fields.erase("SYSLOG_IDENTIFIER");
    journal.entries.back().fields.erase("_SYSTEMD_UNIT");
    journal.entries.back().fields["_COMM"] = "kworker";
    journal.add(5, "3", test::hostile_name());
    auto const more = read("3");
    REQUIRE(more->records.size() == 2);
    CHECK(more->records[0].message->size() == 1'000);
    CHECK(*more->records[0].source == "kworker");
    CHECK(reason(more->records[0].unit.error()) == "not_found");

    journal.broken = -EBADMSG;
    CHECK_FALSE(read("3"));
    CHECK_FALSE(read(""));
}

TEST_CASE_FIXTURE(JournalFixture,
                  "journal: what sudo and log-ins write is neither told nor counted, for it carries secrets")
{
    journal.add(1, "3", "old");
    for (auto const* const facility : {"4", "10"}) {
        journal.add(journal.entries.back().number + 1, "1",
                    "alice : command not allowed ; COMMAND=/bin/db --password=x");
        journal.entries.back().fields["SYSLOG_FACILITY"] = facility;
    }
    journal.add(4, "3", "of a daemon");
    journal.entries.back().fields["SYSLOG_FACILITY"] = "3";
    journal.add(5, "3", "of nobody");
    // One that nobody can read might be private.
    journal.add(6, "3", "unreadable");
    journal.entries.back().fields["SYSLOG_FACILITY"] = "auth?";
    auto const reading = read("1");
    REQUIRE(reading);
    CHECK(messages(*reading) == "of a daemon of nobody ");
    CHECK(reading->left_out == 1);
    CHECK(reading->position == "6");
    // Nor where records are only counted.
    auto const none = read("1", 0);
    REQUIRE(none);
    CHECK(none->left_out == 3);
}

TEST_CASE("system_log: no journal is not supported, one for others is denied")
{
    Tree const tree;
    auto const why = [&] { return std::string(reason(make_system_log(tree.root())->read("", 10).error())); };
    CHECK(why() == "not_supported");
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    CHECK(why() == "not_supported");
    tree.folder("/var/log/journal/0123456789abcdef0123456789abcdef");
    CHECK(why() == "not_supported");
    tree.write("/var/log/journal/0123456789abcdef0123456789abcdef/user-1000.journal", "x");
    CHECK(why() == "not_supported");
}
