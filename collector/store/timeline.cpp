#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/news.hpp"

namespace rollcall::store
{

namespace
{

/// The sources, in the order in which what happened in one millisecond is told: newest, or most wanted, first.
enum Source : int {
    alert_resolved,
    alert_action,
    alert_opened,
    device_action,
    event,
    gap,
    row_vanished,
    row_began,
    source_end
};

/// Where an entry stands. Later in the list is smaller.
struct Place {
    UnixMs at_ms{};
    int source{};
    std::string id; ///< Of alerts.
    std::int64_t number{};

    /// Does `this` come before `other` in the list, newest first?
    [[nodiscard]] bool before(Place const& other) const
    {
        return std::tie(other.at_ms, source, other.id, other.number) < std::tie(at_ms, other.source, id, number);
    }
};

std::string to_text(Place const& place)
{
    auto const id = place.id.empty() ? std::to_string(place.number) : place.id;
    return fmt::format("{}.{}.{}", place.at_ms, place.source, id);
}

template <class T>
bool take(std::string_view& text, char end, T& number)
{
    auto const [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    auto const used = static_cast<std::size_t>(rest - text.data());
    if (failure != std::errc() || (end != 0 ? used >= text.size() || text[used] != end : used != text.size()))
        return false;
    text.remove_prefix(used + (end != 0 ? 1 : 0));
    return true;
}

std::optional<Place> to_place(std::string_view text)
{
    Place place;
    if (!take(text, '.', place.at_ms) || !take(text, '.', place.source)) return std::nullopt;
    if (place.source < 0 || place.source >= source_end || text.empty()) return std::nullopt;
    if (place.source == alert_resolved || place.source == alert_opened)
        place.id = std::string(text);
    else if (!take(text, '\0', place.number))
        return std::nullopt;
    return place;
}

/// Beyond which a source's rows come after `cursor`.
struct Bound {
    UnixMs at_ms{};
    std::string id;
    std::int64_t number{};
};

Bound bound_of(std::optional<Place> const& cursor, int source)
{
    static constexpr auto most = std::numeric_limits<std::int64_t>::max();
    static constexpr auto least = std::numeric_limits<std::int64_t>::min();
    // Above every UUID.
    static constexpr auto last_id = "~";
    if (!cursor) return {.at_ms = most, .id = last_id, .number = most};
    if (source > cursor->source) return {.at_ms = cursor->at_ms, .id = last_id, .number = most};
    if (source < cursor->source) return {.at_ms = cursor->at_ms, .id = "", .number = least};
    return {.at_ms = cursor->at_ms, .id = cursor->id, .number = cursor->number};
}

/// A row of a source; its JSON is read only if it is shown.
struct Found {
    Place place;
    TimelineEntry entry;
    std::string before;
    std::string after;
};

Result<Row> shown_cells(std::string_view text)
{
    if (text.empty()) return Row();
    boost::system::error_code bad;
    auto const json = boost::json::parse(text, bad);
    if (bad) return fail(errc::corrupt, "cells");
    return wire::row_from_json(json);
}

template <int source>
Result<Found> read_moment(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = source, .id = row.text(1)}};
    found.entry.what = source == alert_opened ? Happened::alert_opened : Happened::alert_resolved;
    found.entry.alert = Alert{.id = row.text(1),
                              .item = row.text(2),
                              .subject = row.text(3),
                              .title = row.text(4),
                              .severity = static_cast<Severity>(row.integer(5)),
                              .category = row.text(6),
                              .value = row.text(7),
                              .latest = row.text(8)};
    return found;
}

Result<Found> read_event(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = event, .number = row.integer(1)}};
    found.entry.what = Happened::event;
    found.entry.name = row.text(2);
    found.after = row.text(3);
    return found;
}

Result<Found> read_gap(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = gap, .number = row.integer(1)}};
    found.entry.what = Happened::gap;
    found.entry.gap = wire::Gap{.lane = row.text(2),
                                .first = static_cast<std::uint64_t>(row.integer(3)),
                                .last = static_cast<std::uint64_t>(row.integer(4)),
                                .at_ms = row.integer(0),
                                .reason = row.text(5)};
    return found;
}

Result<Found> read_vanished(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = row_vanished, .number = row.integer(1)}};
    found.entry.what = Happened::vanished;
    found.entry.name = row.text(2);
    found.entry.key = row.text(3);
    found.before = row.text(4);
    return found;
}

Result<Found> read_began(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = row_began, .number = row.integer(1)}};
    found.entry.what = row.is_null(5) ? Happened::appeared : Happened::changed;
    found.entry.name = row.text(2);
    found.entry.key = row.text(3);
    found.after = row.text(4);
    found.before = row.text(6);
    return found;
}

Result<Found> read_alert_action(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = alert_action, .number = row.integer(1)}};
    found.entry.what = Happened::alert_action;
    found.entry.alert = Alert{.id = row.text(2),
                              .item = row.text(3),
                              .subject = row.text(4),
                              .title = row.text(5),
                              .severity = static_cast<Severity>(row.integer(6)),
                              .category = row.text(7)};
    found.entry.alert_action = AlertAction{.alert_id = row.text(2),
                                           .version = row.integer(8),
                                           .at_ms = row.integer(0),
                                           .technician_id = row.text(9),
                                           .technician = row.text(10),
                                           .what = row.text(11),
                                           .text = row.text(12),
                                           .until_ms = row.optional_integer(13)};
    return found;
}

Result<Found> read_device_action(sqlite::Statement& row)
{
    Found found{.place = {.at_ms = row.integer(0), .source = device_action, .number = row.integer(1)}};
    found.entry.what = Happened::action;
    found.entry.action = DeviceAction{.device_id = row.text(2),
                                      .at_ms = row.integer(0),
                                      .technician_id = row.text(3),
                                      .technician = row.text(4),
                                      .what = row.text(5),
                                      .was = row.text(6),
                                      .became = row.text(7)};
    return found;
}

/// As a list of JSON, so that any number of names is one value of the statement.
std::string to_list(std::vector<std::string> const& names)
{
    boost::json::array list;
    for (auto const& name : names)
        list.emplace_back(name);
    return boost::json::serialize(list);
}

/// In each ?1: the device, ?2 and ?3: what its rows come after, ?4: how many at most, ?5: the names that are wanted.
Result<std::vector<Found>> rows_of(sqlite::Database& db, std::string_view device_id, TimelineWish const& wish,
                                   int source, Bound const& bound, std::int64_t limit)
{
    static constexpr char step[] = "timeline";
    static constexpr char resolved_sql[] =
        "SELECT resolved_ms, id, item, subject, title, severity, category, value, latest FROM alert "
        "WHERE device_id = ?1 AND resolved_ms IS NOT NULL AND status_by = '' AND (resolved_ms, id) < (?2, ?3) "
        "ORDER BY resolved_ms DESC, id DESC LIMIT ?4";
    static constexpr char opened_sql[] =
        "SELECT created_ms, id, item, subject, title, severity, category, value, latest FROM alert "
        "WHERE device_id = ?1 AND (created_ms, id) < (?2, ?3) ORDER BY created_ms DESC, id DESC LIMIT ?4";
    // That it resolved by itself tells the alert, unless somebody opened it again.
    static constexpr char alert_action_sql[] =
        "SELECT a.at_ms, a.id, a.alert_id, l.item, l.subject, l.title, l.severity, l.category, a.version, "
        "a.technician_id, a.technician, a.what, a.text, a.until_ms FROM alert_action AS a "
        "JOIN alert AS l ON l.id = a.alert_id WHERE a.device_id = ?1 AND (a.at_ms, a.id) < (?2, ?3) "
        "AND NOT (a.what = 'resolved' AND a.technician_id = '' AND l.resolved_ms IS a.at_ms) "
        "ORDER BY a.at_ms DESC, a.id DESC LIMIT ?4";
    static constexpr char device_action_sql[] =
        "SELECT at_ms, id, device_id, technician_id, technician, what, was, became FROM device_action "
        "WHERE device_id = ?1 AND (at_ms, id) < (?2, ?3) ORDER BY at_ms DESC, id DESC LIMIT ?4";
    static constexpr char event_sql[] =
        "SELECT at_ms, id, name, detail FROM event WHERE device_id = ?1 AND (at_ms, id) < (?2, ?3) "
        "AND (?5 = '[]' OR name IN (SELECT value FROM json_each(?5))) ORDER BY at_ms DESC, id DESC LIMIT ?4";
    static constexpr char gap_sql[] = "SELECT at_ms, id, lane, first, last, reason FROM gap WHERE device_id = ?1 "
                                      "AND (at_ms, id) < (?2, ?3) ORDER BY at_ms DESC, id DESC LIMIT ?4";
    static constexpr char vanished_sql[] =
        "SELECT valid_to_ms, id, probe, key, cells FROM state_row WHERE device_id = ?1 AND vanished = 1 "
        "AND (valid_to_ms, id) < (?2, ?3) AND (?5 = '[]' OR probe IN (SELECT value FROM json_each(?5))) "
        "ORDER BY valid_to_ms DESC, id DESC LIMIT ?4";
    static constexpr char began_sql[] =
        "SELECT s.valid_from_ms, s.id, s.probe, s.key, s.cells, s.previous_id, coalesce(p.cells, '') "
        "FROM state_row AS s LEFT JOIN state_row AS p ON p.id = s.previous_id WHERE s.device_id = ?1 AND s.told = 1 "
        "AND (s.valid_from_ms, s.id) < (?2, ?3) AND (?5 = '[]' OR s.probe IN (SELECT value FROM json_each(?5))) "
        "ORDER BY s.valid_from_ms DESC, s.id DESC LIMIT ?4";
    switch (source) {
    case alert_resolved:
        return select_all<Found>(db, step, resolved_sql, &read_moment<alert_resolved>, device_id, bound.at_ms, bound.id,
                                 limit);
    case alert_opened:
        return select_all<Found>(db, step, opened_sql, &read_moment<alert_opened>, device_id, bound.at_ms, bound.id,
                                 limit);
    case alert_action:
        return select_all<Found>(db, step, alert_action_sql, &read_alert_action, device_id, bound.at_ms, bound.number,
                                 limit);
    case device_action:
        return select_all<Found>(db, step, device_action_sql, &read_device_action, device_id, bound.at_ms, bound.number,
                                 limit);
    case event:
        return select_all<Found>(db, step, event_sql, &read_event, device_id, bound.at_ms, bound.number, limit,
                                 to_list(wish.event_names));
    case gap:
        return select_all<Found>(db, step, gap_sql, &read_gap, device_id, bound.at_ms, bound.number, limit);
    case row_vanished:
        return select_all<Found>(db, step, vanished_sql, &read_vanished, device_id, bound.at_ms, bound.number, limit,
                                 to_list(wish.probes));
    default:
        return select_all<Found>(db, step, began_sql, &read_began, device_id, bound.at_ms, bound.number, limit,
                                 to_list(wish.probes));
    }
}

bool is_wanted(int source, TimelineWish const& wish)
{
    switch (source) {
    case alert_resolved:
    case alert_action:
    case alert_opened:
        return wish.alerts;
    case device_action:
        return wish.actions;
    case event:
        return wish.events;
    case gap:
        return wish.gaps;
    default:
        return wish.states;
    }
}

/// Of a row that changed, only what is news.
void keep_news(wire::Probe const& probe, Row& before, Row& after)
{
    auto const was = before;
    std::erase_if(before, [&](auto const& cell) { return !wire::is_news(probe, cell.first, was, after); });
    std::erase_if(after, [&](auto const& cell) { return !before.contains(cell.first); });
}

/// Of a row that changed, only what differs; of that only what is news, where anything is.
void keep_differences(std::string_view name, Row& before, Row& after)
{
    auto const* const probe = wire::find_probe(name);
    if (probe != nullptr && wire::is_news(*probe, before, after)) return keep_news(*probe, before, after);
    for (auto old = before.begin(); old != before.end();) {
        auto const now = after.find(old->first);
        if (now == after.end() || now->second != old->second) {
            ++old;
            continue;
        }
        after.erase(now);
        old = before.erase(old);
    }
}

} // namespace

Result<TimelinePage> timeline(sqlite::Database& db, std::string_view device_id, TimelineWish const& wish)
{
    std::optional<Place> cursor;
    if (!wish.before.empty()) {
        cursor = to_place(wish.before);
        if (!cursor) return fail(errc::bad_input, "timeline: before");
    }
    auto const limit = static_cast<std::size_t>(std::max<std::int64_t>(1, wish.limit));
    std::vector<Found> all;
    for (int source = 0; source < source_end; ++source) {
        if (!is_wanted(source, wish)) continue;
        auto rows =
            rows_of(db, device_id, wish, source, bound_of(cursor, source), static_cast<std::int64_t>(limit) + 1);
        if (!rows) return rows.error();
        std::move(rows->begin(), rows->end(), std::back_inserter(all));
    }
    std::ranges::sort(all, [](Found const& a, Found const& b) { return a.place.before(b.place); });
    TimelinePage page;
    if (all.size() > limit) {
        all.resize(limit);
        page.next = to_text(all.back().place);
    }
    for (auto& found : all) {
        auto before = shown_cells(found.before);
        if (!before) return fail(before.error(), "timeline");
        auto after = shown_cells(found.after);
        if (!after) return fail(after.error(), "timeline");
        if (found.entry.what == Happened::changed) keep_differences(found.entry.name, *before, *after);
        found.entry.at_ms = found.place.at_ms;
        found.entry.before = std::move(*before);
        found.entry.after = std::move(*after);
        page.entries.push_back(std::move(found.entry));
    }
    return page;
}

} // namespace rollcall::store
