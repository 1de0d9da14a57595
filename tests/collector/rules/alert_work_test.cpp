#include <doctest/doctest.h>

#include "collector/rules/alert_work.hpp"
#include "collector/rules/snoozes.hpp"
#include "tests/support/manual_clock.hpp"

using namespace rollcall;
using namespace rollcall::rules;
using rollcall::support::ManualClock;
using store::AlertStatus;
using Done = AlertResult::Kind;
using Wish = AlertWish::Kind;

namespace
{

AlertWorker const anna{.id = "a", .name = "anna"};
AlertWorker const berta{.id = "b", .name = "berta"};

store::Alert raised() { return {.id = "1", .device_id = "pc", .item = "cpu_used", .created_ms = 100}; }

store::Alert snoozed(std::optional<UnixMs> until_ms)
{
    return work_on(raised(), {.kind = Wish::snooze, .until_ms = until_ms}, anna, 1000).alert;
}

store::Alert resolved() { return work_on(raised(), {.kind = Wish::resolve}, anna, 1000).alert; }

} // namespace

TEST_CASE("alert work: a snooze has a time or none, and is taken back by opening it again")
{
    auto const step = work_on(raised(), {.kind = Wish::snooze, .until_ms = 5000}, anna, 1000);
    CHECK(step.kind == Done::done);
    CHECK(status_of(step.alert) == AlertStatus::snoozed);
    CHECK(step.alert.snoozed_ms == 1000);
    CHECK(step.alert.snoozed_until_ms == 5000);
    CHECK(step.alert.status_by == "anna");
    CHECK(step.alert.version == 2);
    CHECK(step.action.what == "snoozed");
    CHECK(step.action.version == 2);
    CHECK(step.action.until_ms == 5000);
    CHECK(step.action.technician == "anna");

    CHECK(work_on(step.alert, {.kind = Wish::snooze, .until_ms = 5000}, berta, 1100).kind == Done::unchanged);
    auto const longer = work_on(step.alert, {.kind = Wish::snooze}, berta, 1100);
    CHECK(longer.kind == Done::done);
    CHECK_FALSE(longer.alert.snoozed_until_ms);
    CHECK(longer.alert.status_by == "berta");

    auto const open = work_on(longer.alert, {.kind = Wish::reopen}, anna, 1200);
    CHECK(status_of(open.alert) == AlertStatus::open);
    CHECK_FALSE(open.alert.reopened_ms);
    CHECK_FALSE(open.alert.kept_open);
    CHECK(open.alert.version == 4);
    CHECK(work_on(open.alert, {.kind = Wish::reopen}, anna, 1300).kind == Done::unchanged);
}

TEST_CASE("alert work: what a person resolves lingers while its cause goes on, and opening it again takes that up")
{
    auto const alert = resolved();
    CHECK(status_of(alert) == AlertStatus::resolved);
    CHECK(alert.resolved_ms == 1000);
    CHECK(alert.lingers);
    CHECK(alert.status_by == "anna");
    CHECK(work_on(alert, {.kind = Wish::resolve}, berta, 1100).kind == Done::unchanged);
    CHECK(work_on(alert, {.kind = Wish::snooze}, berta, 1100).kind == Done::refused);
    CHECK_FALSE(work_on(alert, {.kind = Wish::snooze}, berta, 1100).detail.empty());

    auto const again = work_on(alert, {.kind = Wish::reopen}, berta, 1200).alert;
    CHECK(status_of(again) == AlertStatus::open);
    CHECK(again.reopened_ms == 1200);
    CHECK_FALSE(again.lingers);
    CHECK_FALSE(again.kept_open);
}

TEST_CASE("alert work: what is opened again after its cause has ended stays, and resolving it leaves nothing behind")
{
    auto over = resolved();
    over.lingers = false;
    auto const again = work_on(over, {.kind = Wish::reopen}, anna, 2000).alert;
    CHECK(again.kept_open);
    auto const done = work_on(again, {.kind = Wish::resolve}, anna, 3000).alert;
    CHECK_FALSE(done.lingers);
    CHECK_FALSE(done.kept_open);
    CHECK_FALSE(done.reopened_ms);
}

TEST_CASE("alert work: a resolved alert can be assigned, get a ticket and notes; only notes leave its version")
{
    auto const assigned =
        work_on(resolved(), {.kind = Wish::assign, .technician_id = "b", .technician = "berta"}, anna, 1).alert;
    CHECK(assigned.assigned_id == "b");
    CHECK(assigned.assigned_name == "berta");
    CHECK(assigned.version == 3);
    CHECK(assigned.status_by == "anna");
    auto const ticket = work_on(assigned, {.kind = Wish::ticket, .text = "T-7"}, berta, 2).alert;
    CHECK(ticket.ticket == "T-7");
    CHECK(ticket.status_by == "anna");
    CHECK(work_on(ticket, {.kind = Wish::ticket, .text = "T-7"}, berta, 2).kind == Done::unchanged);
    auto const noted = work_on(ticket, {.kind = Wish::note, .text = "Called them."}, berta, 3);
    CHECK(noted.alert.notes == 1);
    CHECK(noted.alert.version == ticket.version);
    CHECK(noted.action.what == "note");
    CHECK(noted.action.text == "Called them.");
    auto full = ticket;
    full.notes = alert_notes_limit;
    CHECK(work_on(full, {.kind = Wish::note, .text = "One more."}, berta, 3).kind == Done::refused);
}

TEST_CASE("alert work: who changed what is told in one sentence")
{
    auto const step = work_on(raised(), {.kind = Wish::snooze, .until_ms = ManualClock::start_ms}, anna, 1000);
    CHECK(told({step.action}) == "Since you looked, anna snoozed it until 2027-01-15 08:00 UTC.");
    auto const ticket = work_on(step.alert, {.kind = Wish::ticket, .text = "T-7"}, berta, 2);
    CHECK(told({ticket.action, work_on(ticket.alert, {.kind = Wish::resolve}, anna, 3).action}) ==
          "Since you looked, berta set its ticket to \"T-7\" and anna resolved it.");
    CHECK(told({happened(raised(), "resolved", 5)}) == "Since you looked, it resolved by itself.");
    CHECK(told({}) == "It has changed since you looked.");
    CHECK(told(std::vector(50, step.action)).size() < 300);
}

TEST_CASE("snoozes: they end at their time, once somebody has looked")
{
    ManualClock clock;
    Snoozes snoozes;
    auto const now = [&] { return Now{clock.now_ms(), clock.steady()}; };
    auto alert = snoozed(clock.now_ms() + 60'000);
    alert.snoozed_ms = clock.now_ms();
    snoozes.put(alert, now());
    snoozes.put(alert, now()); // As it is shown again with every reading.
    clock.advance(59s);
    CHECK(snoozes.due(now(), 10).empty());
    clock.advance(1s);
    REQUIRE(snoozes.due(now(), 10).size() == 1);
    CHECK(snoozes.due(now(), 10)[0].alert_id == "1");
    CHECK(snoozes.due(now(), 10)[0].until_ms == alert.snoozed_until_ms);
    CHECK(snoozes.due(now(), 0).empty());
    snoozes.put(end_snooze(alert, clock.now_ms()).alert, now());
    CHECK(snoozes.due(now(), 10).empty());
    snoozes.put(snoozed({}), now()); // Until it changes: no time ends it.
    clock.advance(std::chrono::hours(10'000));
    CHECK(snoozes.due(now(), 10).empty());
}

TEST_CASE("snoozes: a clock that is set back, or was ahead before a restart, makes none longer than it was to be")
{
    ManualClock clock;
    Snoozes snoozes;
    auto const now = [&] { return Now{clock.now_ms(), clock.steady()}; };
    auto alert = snoozed(clock.now_ms() + 60'000);
    alert.snoozed_ms = clock.now_ms();
    snoozes.put(alert, now());
    clock.jump(-std::chrono::hours(24 * 365));
    clock.advance(60s);
    CHECK(snoozes.due(now(), 10).size() == 1);

    Snoozes fresh;
    fresh.put(alert, now());
    clock.advance(59s);
    CHECK(fresh.due(now(), 10).empty());
    clock.advance(1s);
    CHECK(fresh.due(now(), 10).size() == 1);
    clock.jump(std::chrono::hours(24 * 365 * 3));
    CHECK(fresh.due(now(), 10).size() == 1);
}
