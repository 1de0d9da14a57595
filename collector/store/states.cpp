#include <boost/json.hpp>

#include "collector/store/fold.hpp"
#include "collector/store/query.hpp"
#include "collector/store/store.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::store
{

static Result<ProbeStatus> read_status(sqlite::Statement& row)
{
    return ProbeStatus{.probe = row.text(0),
                       .digest = row.text(1),
                       .as_of_ms = row.integer(2),
                       .unknown = row.text(3),
                       .cut_rows = row.integer(4)};
}

static Result<Row> read_cells(std::string_view text)
{
    boost::system::error_code bad;
    auto const json = boost::json::parse(text, bad);
    if (bad) return fail(errc::corrupt, "cells");
    auto row = wire::row_from_json(json);
    if (!row) return fail(row.error(), "cells");
    return row;
}

static Result<StateRow> read_row(sqlite::Statement& row)
{
    auto cells = read_cells(row.bytes(2));
    if (!cells) return cells.error();
    return StateRow{.key = row.text(0), .valid_from_ms = row.integer(1), .cells = std::move(*cells)};
}

Result<std::vector<ProbeStatus>> probe_statuses(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] = "SELECT probe, digest, as_of_ms, unknown, cut_rows FROM probe_status "
                                  "WHERE device_id = ? ORDER BY probe";
    return select_all<ProbeStatus>(db, "probe_statuses", sql, read_status, device_id);
}

Result<std::optional<ProbeStatus>> probe_status(sqlite::Database& db, std::string_view device_id,
                                                std::string_view probe)
{
    static constexpr char sql[] = "SELECT probe, digest, as_of_ms, unknown, cut_rows FROM probe_status "
                                  "WHERE device_id = ? AND probe = ?";
    return select_first<ProbeStatus>(db, "probe_status", sql, read_status, device_id, probe);
}

Result<> save_probe_status(sqlite::Database& db, std::string_view device_id, ProbeStatus const& status)
{
    static constexpr char sql[] =
        "INSERT INTO probe_status (device_id, probe, digest, as_of_ms, unknown, cut_rows) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (device_id, probe) DO UPDATE SET digest = excluded.digest, as_of_ms = excluded.as_of_ms, "
        "unknown = excluded.unknown, cut_rows = excluded.cut_rows";
    return execute(db, "save_probe_status", sql, device_id, status.probe, status.digest, status.as_of_ms,
                   status.unknown, status.cut_rows);
}

Result<> set_checked(sqlite::Database& db, std::string_view device_id, std::string_view probe, UnixMs as_of_ms)
{
    static constexpr char sql[] = "UPDATE probe_status SET as_of_ms = max(as_of_ms, ?) "
                                  "WHERE device_id = ? AND probe = ? AND unknown = ''";
    return execute(db, "set_checked", sql, as_of_ms, device_id, probe);
}

/// Does the key or one of the texts contain what is sought (already folded)?
static bool matches(StateRow const& row, std::string_view sought)
{
    if (contains_folded(row.key, sought)) return true;
    for (auto const& [column, cell] : row.cells) {
        auto const* const text = std::get_if<std::string>(&cell);
        if (text != nullptr && contains_folded(*text, sought)) return true;
    }
    return false;
}

/// Columns of a newer agent are kept, since the digest is over them, but nobody here can explain them.
static void drop_unknown_columns(StateRow& row, wire::Probe const* probe)
{
    if (probe == nullptr) return;
    std::erase_if(row.cells, [&](auto const& cell) { return wire::find_column(*probe, cell.first) == nullptr; });
}

Result<std::vector<StateRow>> state_rows(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                         std::string_view search, std::int64_t offset, std::int64_t limit,
                                         std::int64_t* total)
{
    static constexpr char step[] = "state_rows";
    auto const* const declared = wire::find_probe(probe);
    if (search.empty()) {
        if (total != nullptr) {
            static constexpr char count_sql[] = "SELECT count(*) FROM state_row "
                                                "WHERE device_id = ? AND probe = ? AND valid_to_ms IS NULL";
            auto const count = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };
            auto const found = select_first<std::int64_t>(db, step, count_sql, count, device_id, probe);
            if (!found) return found.error();
            *total = found->value_or(0);
        }
        static constexpr char sql[] = "SELECT key, valid_from_ms, cells FROM state_row "
                                      "WHERE device_id = ? AND probe = ? AND valid_to_ms IS NULL "
                                      "ORDER BY key LIMIT ? OFFSET ?";
        auto rows = select_all<StateRow>(db, step, sql, read_row, device_id, probe, limit, offset);
        if (rows)
            for (auto& row : *rows)
                drop_unknown_columns(row, declared);
        return rows;
    }

    static constexpr char sql[] = "SELECT key, valid_from_ms, cells FROM state_row "
                                  "WHERE device_id = ? AND probe = ? AND valid_to_ms IS NULL ORDER BY key";
    auto const sought = fold(search);
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), step);
    query->bind(device_id, probe);
    std::vector<StateRow> found;
    std::int64_t matched = 0;
    for (;;) {
        auto const more = query->step();
        if (!more) return fail(more.error(), step);
        if (!*more) break;
        auto row = read_row(*query);
        if (!row) return fail(row.error(), step);
        drop_unknown_columns(*row, declared);
        if (!matches(*row, sought)) continue;
        if (matched++ < offset) continue;
        if (limit < 0 || static_cast<std::int64_t>(found.size()) < limit) found.push_back(std::move(*row));
    }
    if (total != nullptr) *total = matched;
    return found;
}

Result<Snapshot> state_snapshot(sqlite::Database& db, std::string_view device_id, std::string_view probe)
{
    static constexpr char sql[] = "SELECT key, valid_from_ms, cells FROM state_row "
                                  "WHERE device_id = ? AND probe = ? AND valid_to_ms IS NULL ORDER BY key";
    auto rows = select_all<StateRow>(db, "state_snapshot", sql, read_row, device_id, probe);
    if (!rows) return rows.error();
    Snapshot snapshot;
    for (auto& row : *rows)
        snapshot.emplace_hint(snapshot.end(), std::move(row.key), std::move(row.cells));
    return snapshot;
}

Result<> change_state(sqlite::Database& db, std::string_view device_id, std::string_view probe, Snapshot const& changed,
                      std::vector<std::string> const& removed, UnixMs at_ms,
                      std::set<std::string, std::less<>> const& quiet)
{
    static constexpr char step[] = "change_state";
    // A device whose clock was set back must not make a row that ended before it began.
    static constexpr char close_sql[] = "UPDATE state_row SET valid_to_ms = max(?, valid_from_ms), vanished = ? "
                                        "WHERE device_id = ? AND probe = ? AND key = ? AND valid_to_ms IS NULL "
                                        "RETURNING id";
    static constexpr char open_sql[] = "INSERT INTO state_row (device_id, probe, key, valid_from_ms, cells, "
                                       "previous_id, told) VALUES (?, ?, ?, ?, ?, ?, ?)";
    static constexpr char drop_sql[] = "DELETE FROM state_row "
                                       "WHERE device_id = ? AND probe = ? AND key = ? AND valid_to_ms IS NULL";
    auto const* const declared = wire::find_probe(probe);
    bool const history = declared == nullptr || declared->history;
    auto ending = db.prepare(history ? close_sql : drop_sql);
    if (!ending) return fail(ending.error(), step);
    auto open = db.prepare(open_sql);
    if (!open) return fail(open.error(), step);
    // Ends the row that is so now; its id where it stays as history.
    auto const end = [&](std::string_view key, std::int64_t vanished) -> Result<std::optional<std::int64_t>> {
        auto& bound =
            history ? ending->bind(at_ms, vanished, device_id, probe, key) : ending->bind(device_id, probe, key);
        auto const stays = bound.step();
        if (!stays) return stays.error();
        auto const id = *stays ? ending->optional_integer(0) : std::nullopt;
        ending->reset();
        return id;
    };
    for (auto const& key : removed) {
        if (auto const done = end(key, quiet.contains(key) ? 0 : 1); !done) return fail(done.error(), step);
    }
    for (auto const& [key, row] : changed) {
        auto const previous = end(key, 0);
        if (!previous) return fail(previous.error(), step);
        auto const cells = boost::json::serialize(wire::to_json(row));
        std::int64_t const told = quiet.contains(key) ? 0 : 1;
        if (auto const done = open->bind(device_id, probe, key, at_ms, cells, *previous, told).run(); !done)
            return fail(done.error(), step);
    }
    return {};
}

} // namespace rollcall::store
