#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "collector/access/auditor.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

struct LogFixture {
    LogFixture()
    {
        auto opened = store::Store::open({.file = folder / "rollcall.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        auditor = std::make_unique<access::Auditor>(access::Auditor::Options{.store = *store,
                                                                             .clock = clock,
                                                                             .keys = keys,
                                                                             .folder = folder.path(),
                                                                             .kept = store::Retention::Days(10)});
        // As at the first start.
        REQUIRE(auditor->export_head());
    }

    std::shared_ptr<store::AuditEntry> entry(std::string detail) const
    {
        auto made = std::make_shared<store::AuditEntry>();
        made->actor_kind = "technician";
        made->actor_name = "Ada";
        made->action = "POST /x";
        made->detail = std::move(detail);
        made->at_ms = clock.now_ms();
        return made;
    }
    /// Adds a customer on somebody's behalf.
    Result<> add(std::string const& name)
    {
        store::AuditScope const recorded(entry(name));
        return store->write(
            [&](sqlite::Database& db) { return store::add_customer(db, {.id = name, .name = name, .created_ms = 1}); });
    }
    void exec(std::string const& sql)
    {
        REQUIRE(store->write([&](sqlite::Database& db) { return db.exec(sql); }));
    }
    /// "" = it fits; otherwise what does not.
    std::string verify(access::Keys const& with)
    {
        std::string fault;
        static_cast<void>(store->read([&](sqlite::Database& db) -> Result<> {
            auto const report = access::verify_audit(db, with, heads());
            if (report)
                last = *report;
            else
                fault = report.error().trace;
            return {};
        }));
        return fault;
    }
    std::string verify() { return verify(keys); }
    std::vector<access::SignedHead> heads() const
    {
        std::ifstream stream(folder / access::Auditor::file);
        std::string const text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
        auto found = access::read_heads(text);
        REQUIRE(found);
        return *found;
    }
    /// As somebody would who can write the database, but does not have the key.
    void rewrite_hashes()
    {
        REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
            std::string previous;
            auto const rows = store::audit_rows(db, 0, 1000);
            if (!rows) return rows.error();
            for (auto const& row : *rows) {
                previous = store::audit_hash(row, previous);
                if (auto done =
                        db.exec("UPDATE audit SET hash = '" + previous + "' WHERE id = " + std::to_string(row.id));
                    !done)
                    return done;
            }
            return {};
        }));
    }

    support::TempDir folder;
    support::ManualClock clock;
    access::Keys keys = access::Keys::make();
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Auditor> auditor;
    access::AuditReport last;
};

} // namespace

TEST_CASE_FIXTURE(LogFixture,
                  "audit: a row stands in the transaction of its effect, and there is none where nothing was done")
{
    REQUIRE(add("acme"));
    CHECK(add("acme").error().code == errc::conflict);
    exec("UPDATE customer SET name = 'nobody asked' WHERE id = 'acme'");
    REQUIRE(add("globex"));
    CHECK(verify() == "");
    CHECK(last.first == 1);
    CHECK(last.last == 2);

    // Two writes on behalf of one request are one row.
    store::AuditScope const recorded(entry("both"));
    exec("UPDATE customer SET name = 'a' WHERE id = 'acme'");
    exec("UPDATE customer SET name = 'b' WHERE id = 'acme'");
    CHECK(verify() == "");
    CHECK(last.last == 3);
}

TEST_CASE_FIXTURE(LogFixture, "audit: a row that was rewritten shows, also where the hashes were made to fit")
{
    for (auto const* const name : {"a", "b", "c"})
        REQUIRE(add(name));
    REQUIRE(auditor->export_head());
    CHECK(verify() == "");
    CHECK(last.heads == 2);
    exec("UPDATE audit SET actor_name = 'Bob' WHERE id = 2");
    CHECK(verify().find("row 2") != std::string::npos);
    rewrite_hashes();
    CHECK(verify().find("row 3 is not the one whose hash was exported") != std::string::npos);
}

TEST_CASE_FIXTURE(LogFixture, "audit: rows that were taken out or cut off show")
{
    for (auto const* const name : {"a", "b", "c", "d"})
        REQUIRE(add(name));
    REQUIRE(auditor->export_head());
    SUBCASE("in the middle")
    {
        exec("DELETE FROM audit WHERE id IN (2, 3)");
        CHECK(verify() == "rows 2 to 3 are missing");
    }
    SUBCASE("at the beginning")
    {
        exec("DELETE FROM audit WHERE id = 1");
        CHECK(verify() == "rows 1 to 1 are missing");
    }
    SUBCASE("at the end")
    {
        exec("DELETE FROM audit WHERE id > 2");
        CHECK(verify() == "rows 3 to 4, at the end, are missing");
        // What is added later does not hide it.
        REQUIRE(add("e"));
        REQUIRE(add("f"));
        CHECK(verify().find("row 4 is not the one whose hash was exported") != std::string::npos);
    }
    SUBCASE("all of them")
    {
        exec("DELETE FROM audit");
        CHECK(verify() == "rows 1 to 4, at the end, are missing");
    }
}

TEST_CASE_FIXTURE(LogFixture, "audit: heads of another key, and heads that were changed, are refused")
{
    REQUIRE(add("a"));
    REQUIRE(auditor->export_head());
    CHECK(verify(access::Keys::make()).find("not signed by this collector") != std::string::npos);
    auto all = heads();
    REQUIRE(all.size() == 2);
    all[0].at_ms += 1;
    std::ofstream(folder / access::Auditor::file) << access::to_line(all[0]) << "\n";
    CHECK(verify().find("not signed by this collector") != std::string::npos);
    CHECK(access::read_heads("{}\n").error().code == errc::corrupt);
    CHECK(access::read_heads("rubbish").error().code == errc::corrupt);
}

TEST_CASE_FIXTURE(LogFixture, "audit: what is too old goes, and a signed checkpoint stands for it")
{
    for (auto const* const name : {"a", "b"})
        REQUIRE(add(name));
    auditor->tick();
    // A clock that leaps is not believed at once: days have to pass.
    for (int day = 0; day < 11; ++day) {
        clock.advance(24h);
        REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
            auto const age = store::look_at_age(db, clock.now_ms());
            if (!age) return age.error();
            return store::save_age_clock(db, *age);
        }));
    }
    REQUIRE(add("c"));
    auditor->tick();
    CHECK(verify() == "");
    CHECK(last.pruned_through == 2);
    CHECK(last.first == 3);
    REQUIRE(add("d"));
    CHECK(verify() == "");

    exec("DELETE FROM audit WHERE id = 3");
    exec("UPDATE audit_checkpoint SET through_id = 3");
    CHECK(verify().find("checkpoint") != std::string::npos);
    CHECK(verify().find("not signed") != std::string::npos);
}

TEST_CASE_FIXTURE(LogFixture,
                  "audit: rows that somebody made old are not deleted, and no checkpoint is signed for them")
{
    for (auto const* const name : {"a", "b", "c"})
        REQUIRE(add(name));
    REQUIRE(auditor->export_head());
    REQUIRE(store->write(
        [&](sqlite::Database& db) { return store::save_age_clock(db, first_look(std::nullopt, clock.now_ms())); }));
    exec("UPDATE audit SET at_ms = 0 WHERE id < 3");
    SUBCASE("as they are") {}
    SUBCASE("with hashes that were made to fit") { rewrite_hashes(); }
    SUBCASE("with hashes of those alone that were made to fit")
    {
        auto const kept = heads().back().hash;
        rewrite_hashes();
        exec("UPDATE audit SET hash = '" + kept + "' WHERE id = 3");
    }
    SUBCASE("with hashes that were made to fit, and without the exported heads")
    {
        rewrite_hashes();
        std::filesystem::remove(folder / access::Auditor::file);
    }
    log::Capture const capture;
    auditor->tick();
    CHECK(capture.has("audit.broken"));
    REQUIRE(store->read([](sqlite::Database& db) -> Result<> {
        auto const rows = store::audit_rows(db, 0, 10);
        if (!rows) return rows.error();
        CHECK(rows->size() == 3);
        auto const checkpoint = store::audit_checkpoint(db);
        if (!checkpoint) return checkpoint.error();
        CHECK_FALSE(checkpoint->has_value());
        return {};
    }));
    CHECK(verify() != "");
}

TEST_CASE_FIXTURE(LogFixture, "audit: no head is exported for a chain that is not that of the last one")
{
    for (auto const* const name : {"a", "b", "c"})
        REQUIRE(add(name));
    REQUIRE(auditor->export_head());
    log::Capture const capture;
    REQUIRE(auditor->export_head());
    CHECK_FALSE(capture.has("audit.broken"));
    std::size_t left = 2;
    SUBCASE("rows were cut off, and others added")
    {
        exec("DELETE FROM audit WHERE id > 1");
        for (auto const* const name : {"d", "e", "f"})
            REQUIRE(add(name));
    }
    SUBCASE("rows were cut off") { exec("DELETE FROM audit WHERE id > 1"); }
    SUBCASE("the row was taken out") { exec("DELETE FROM audit WHERE id = 3"); }
    SUBCASE("another key signed it")
    {
        auto const forged = access::sign_head(access::Keys::make(), {.id = 3, .hash = heads().back().hash}, 1);
        std::ofstream(folder / access::Auditor::file) << access::to_line(forged) << "\n";
        left = 1;
    }
    SUBCASE("the heads are gone")
    {
        std::filesystem::remove(folder / access::Auditor::file);
        left = 0;
    }
    REQUIRE(auditor->export_head());
    CHECK(capture.has("audit.broken"));
    CHECK(heads().size() == left);
    CHECK(verify() != "");
    CHECK(store->damage());
}

TEST_CASE_FIXTURE(LogFixture, "audit: heads are exported where rows came, and the file keeps the newest")
{
    REQUIRE(heads().size() == 1);
    CHECK(heads()[0].id == 0);
    REQUIRE(auditor->export_head());
    CHECK(heads().size() == 1);
    for (std::size_t made = 0; made < access::heads_kept + 5; ++made) {
        REQUIRE(add("customer " + std::to_string(made)));
        REQUIRE(auditor->export_head());
    }
    CHECK(heads().size() == access::heads_kept);
    CHECK(heads().back().id == access::heads_kept + 5);
    CHECK(verify() == "");
    CHECK(last.heads == access::heads_kept);
}

TEST_CASE_FIXTURE(LogFixture, "audit: pages are searched, and show of other customers nothing")
{
    auto const row = [&](std::vector<std::string> customers, std::string detail, std::string result) {
        auto made = store::row_of(*entry(std::move(detail)), std::move(result));
        made.customers = std::move(customers);
        REQUIRE(store->write([&](sqlite::Database& db) { return store::append_audit(db, made); }));
    };
    row({"acme"}, "one", "done");
    row({"globex"}, "two", "done");
    row({"acme", "globex"}, "three", "done");
    row({}, "four", "refused: 403 x");
    store::AuditPage page;
    auto const ask = [&](store::Scope const& scope, store::AuditWish const& wish) {
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            auto found = store::audit_page(db, scope, wish);
            if (!found) return found.error();
            page = *std::move(found);
            return {};
        }));
        std::string ids;
        for (auto const& one : page.rows)
            ids += std::to_string(one.id) + " ";
        return ids;
    };
    auto const all = store::Scope::everything();
    CHECK(ask(all, {}) == "4 3 2 1 ");
    CHECK(page.next == 0);
    CHECK(ask(all, {.limit = 2}) == "4 3 ");
    CHECK(page.next == 3);
    CHECK(ask(all, {.before = page.next, .limit = 2}) == "2 1 ");
    CHECK(page.next == 0);
    CHECK(ask(all, {.search = "two"}) == "2 ");
    CHECK(ask(all, {.customer_id = "acme"}) == "3 1 ");
    CHECK(ask(all, {.refused = true}) == "4 ");
    CHECK(ask(all, {.refused = false}) == "3 2 1 ");
    CHECK(ask(all, {.to_ms = 5}) == "");
    CHECK(ask({.all = false, .customers = {"acme"}}, {}) == "1 ");
    CHECK(ask({.all = false, .customers = {"acme"}}, {.search = "two"}) == "");
    CHECK(ask({.all = false, .customers = {"acme", "globex"}}, {}) == "3 2 1 ");
    CHECK(ask({}, {}) == "");
}
