#include <algorithm>
#include <utility>

#include "collector/store/block.hpp"
#include "collector/store/query.hpp"
#include "collector/store/samples.hpp"
#include "collector/store/store.hpp"
#include "common/log/log.hpp"

namespace rollcall::store
{

namespace
{

/// Readings that may share one millisecond, after a clock was set back, before one is dropped.
constexpr int same_moment_limit = 1000;

/// What one work seals at most.
constexpr std::int64_t seal_readings = 8'000;
constexpr std::size_t seal_bytes = 8UL * 1024 * 1024;
constexpr std::size_t seal_cells = 250'000;
/// Buckets that one question may bring together.
constexpr std::size_t rolled_limit = 4'000'000;

struct Part {
    UnixMs slot_ms{};
    std::int64_t part{};
    std::string block;
};

Result<Part> read_part(sqlite::Statement& row)
{
    return Part{.slot_ms = row.integer(0), .part = row.integer(1), .block = row.blob(2)};
}

/// Slots that touch the span, oldest first.
Result<std::vector<Part>> parts_between(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                        Level level, UnixMs from_ms, UnixMs to_ms)
{
    static constexpr char sql[] = "SELECT slot_ms, part, block FROM series_block WHERE series_id = "
                                  "(SELECT id FROM series_name WHERE device_id = ? AND probe = ?) "
                                  "AND level = ? AND slot_ms >= ? AND slot_ms < ? ORDER BY slot_ms, part";
    return select_all<Part>(db, "series_block", sql, read_part, device_id, probe, static_cast<int>(level),
                            floor_to(from_ms, slot_ms(level)), to_ms);
}

Result<std::optional<Part>> last_part(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                      Level level, UnixMs slot)
{
    static constexpr char sql[] = "SELECT slot_ms, part, block FROM series_block WHERE series_id = "
                                  "(SELECT id FROM series_name WHERE device_id = ? AND probe = ?) "
                                  "AND level = ? AND slot_ms = ? ORDER BY part DESC LIMIT 1";
    return select_first<Part>(db, "series_block", sql, read_part, device_id, probe, static_cast<int>(level), slot);
}

/// Told, and the rest goes on: its readings are missing, no others.
void tell_damaged(std::string_view device_id, std::string_view probe, std::string_view what, UnixMs at_ms,
                  Error const& error)
{
    log::error("series.damaged",
               {{"device", device_id}, {"probe", probe}, {"what", what}, {"at_ms", at_ms}, {"error", error}});
}

/// Both in the order of time; two of one moment are both kept, the second a millisecond later.
std::vector<StoredSeries> merged(std::vector<StoredSeries> before, std::vector<StoredSeries> const& more)
{
    before.insert(before.end(), more.begin(), more.end());
    std::ranges::stable_sort(before, {}, &StoredSeries::taken_ms);
    for (std::size_t i = 1; i < before.size(); ++i)
        before[i].taken_ms = std::max(before[i].taken_ms, before[i - 1].taken_ms + 1);
    return before;
}

Result<SealedBlock> seal_readings_of(sqlite::Database& db, Seal const& seal, std::vector<StoredSeries> const& readings)
{
    auto const slot = floor_to(seal.from_ms, slot_ms(Level::readings));
    auto const precisions = precisions_of(seal.probe);
    SealedBlock sealed{.level = Level::readings, .slot_ms = slot, .part = 0, .block = {}};
    auto const last = last_part(db, seal.device_id, seal.probe, Level::readings, slot);
    if (!last) return last.error();
    if (*last) {
        sealed.part = (*last)->part;
        auto known = decode_block((*last)->block);
        if (!known) tell_damaged(seal.device_id, seal.probe, "block", slot, known.error());
        if (known) {
            auto together = encode_block(merged(std::move(*known), readings), precisions);
            if (together) {
                sealed.block = std::move(*together);
                return sealed;
            }
        }
        // It is full, or nobody can read it: it stays as it is.
        ++sealed.part;
    }
    auto alone = encode_block(readings, precisions);
    if (!alone) return alone.error();
    sealed.block = std::move(*alone);
    return sealed;
}

Result<SealedBlock> seal_rolled(sqlite::Database& db, Seal const& seal, Level level,
                                std::vector<StoredSeries> const& readings)
{
    auto const slot = floor_to(seal.from_ms, slot_ms(level));
    auto const precisions = rolled_precisions_of(seal.probe, level == Level::days);
    auto const fresh = roll(readings, bucket_ms(level));
    SealedBlock sealed{.level = level, .slot_ms = slot, .part = 0, .block = {}};
    auto const last = last_part(db, seal.device_id, seal.probe, level, slot);
    if (!last) return last.error();
    if (*last) {
        sealed.part = (*last)->part;
        auto known = decode_rolled((*last)->block);
        if (!known) tell_damaged(seal.device_id, seal.probe, "roll-up", slot, known.error());
        if (known) {
            combine(*known, fresh);
            auto together = encode_rolled(*known, bucket_ms(level), precisions);
            if (together) {
                sealed.block = std::move(*together);
                return sealed;
            }
        }
        ++sealed.part;
    }
    auto alone = encode_rolled(fresh, bucket_ms(level), precisions);
    if (!alone) return alone.error();
    sealed.block = std::move(*alone);
    return sealed;
}

struct RawReading {
    UnixMs taken_ms{};
    std::string samples;
};

Result<RawReading> read_raw(sqlite::Statement& row)
{
    return RawReading{.taken_ms = row.integer(0), .samples = row.blob(1)};
}

} // namespace

Result<> add_series(sqlite::Database& db, std::string_view device_id, wire::Series const& series)
{
    static constexpr char sql[] = "INSERT INTO series (device_id, probe, taken_ms, samples) VALUES (?, ?, ?, ?) "
                                  "ON CONFLICT (device_id, probe, taken_ms) DO NOTHING";
    auto const blob = encode_samples(series.samples);
    auto taken_ms = series.taken_ms;
    for (int i = 0; i < same_moment_limit; ++i, ++taken_ms) {
        auto done = execute(db, "add_series", sql, device_id, series.probe, taken_ms, sqlite::Blob{blob});
        if (!done || db.changes() > 0) return done;
    }
    return fail(errc::conflict, "add_series: too many readings of one moment");
}

Result<std::optional<Seal>> prepare_seal(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                         UnixMs before_ms)
{
    static constexpr char step[] = "prepare_seal";
    static constexpr char sql[] = "SELECT taken_ms, samples FROM series WHERE device_id = ? AND probe = ? "
                                  "AND taken_ms < ? ORDER BY taken_ms LIMIT ?";
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), step);
    query->bind(device_id, probe, before_ms, seal_readings);
    Seal seal{.device_id = std::string(device_id), .probe = std::string(probe)};
    std::vector<StoredSeries> readings;
    UnixMs slot_end = 0;
    std::size_t bytes = 0;
    for (;;) {
        auto const row = query->step();
        if (!row) return fail(row.error(), step);
        if (!*row) break;
        auto const taken_ms = query->integer(0);
        auto const blob = query->bytes(1);
        if (seal.rows == 0) {
            seal.from_ms = taken_ms;
            slot_end = floor_to(taken_ms, slot_ms(Level::readings)) + slot_ms(Level::readings);
        } else if (taken_ms >= slot_end || bytes + blob.size() > seal_bytes || seal.values > seal_cells) {
            break;
        }
        bytes += blob.size();
        ++seal.rows;
        seal.to_ms = taken_ms + 1;
        auto samples = decode_samples(blob);
        if (!samples) {
            tell_damaged(device_id, probe, "reading", taken_ms, samples.error());
            continue;
        }
        for (auto const& sample : *samples)
            seal.values += sample.values.size();
        readings.push_back({.taken_ms = taken_ms, .samples = std::move(*samples)});
    }
    if (seal.rows == 0) return std::optional<Seal>();
    if (readings.empty()) return std::optional(std::move(seal));
    auto block = seal_readings_of(db, seal, readings);
    if (!block) return fail(block.error(), step);
    seal.blocks.push_back(std::move(*block));
    for (auto const level : rolled_levels) {
        auto rolled = seal_rolled(db, seal, level, readings);
        if (!rolled) return fail(rolled.error(), step);
        seal.blocks.push_back(std::move(*rolled));
    }
    return std::optional(std::move(seal));
}

Result<> apply_seal(sqlite::Database& db, Seal const& seal)
{
    static constexpr char step[] = "apply_seal";
    static constexpr char delete_sql[] = "DELETE FROM series WHERE device_id = ? AND probe = ? "
                                         "AND taken_ms >= ? AND taken_ms < ?";
    auto done = execute(db, step, delete_sql, seal.device_id, seal.probe, seal.from_ms, seal.to_ms);
    if (!done) return done;
    // Readings are only ever added, so an equal number means the very same ones.
    if (db.changes() != static_cast<std::int64_t>(seal.rows))
        return fail(errc::conflict, "apply_seal: a late reading came in between");
    if (seal.blocks.empty()) return {};
    static constexpr char name_sql[] = "INSERT INTO series_name (device_id, probe) VALUES (?, ?) "
                                       "ON CONFLICT (device_id, probe) DO NOTHING";
    done = execute(db, step, name_sql, seal.device_id, seal.probe);
    if (!done) return done;
    static constexpr char block_sql[] =
        "INSERT INTO series_block (series_id, level, slot_ms, part, block) VALUES ("
        "(SELECT id FROM series_name WHERE device_id = ? AND probe = ?), ?, ?, ?, ?) "
        "ON CONFLICT (series_id, level, slot_ms, part) DO UPDATE SET block = excluded.block";
    for (auto const& sealed : seal.blocks) {
        done = execute(db, step, block_sql, seal.device_id, seal.probe, static_cast<int>(sealed.level), sealed.slot_ms,
                       sealed.part, sqlite::Blob{sealed.block});
        if (!done) return done;
    }
    return {};
}

Result<std::vector<StoredSeries>> series_between(sqlite::Database& db, std::string_view device_id,
                                                 std::string_view probe, UnixMs from_ms, UnixMs to_ms)
{
    static constexpr char sql[] = "SELECT taken_ms, samples FROM series "
                                  "WHERE device_id = ? AND probe = ? AND taken_ms >= ? AND taken_ms < ? "
                                  "ORDER BY taken_ms";
    std::vector<StoredSeries> found;
    auto const parts = parts_between(db, device_id, probe, Level::readings, from_ms, to_ms);
    if (!parts) return fail(parts.error(), "series_between");
    for (auto const& part : *parts) {
        auto readings = decode_block(part.block);
        if (!readings) {
            tell_damaged(device_id, probe, "block", part.slot_ms, readings.error());
            continue;
        }
        for (auto& reading : *readings)
            if (reading.taken_ms >= from_ms && reading.taken_ms < to_ms) found.push_back(std::move(reading));
    }
    auto const raw = select_all<RawReading>(db, "series_between", sql, read_raw, device_id, probe, from_ms, to_ms);
    if (!raw) return raw.error();
    for (auto const& one : *raw) {
        auto samples = decode_samples(one.samples);
        if (samples)
            found.push_back({.taken_ms = one.taken_ms, .samples = std::move(*samples)});
        else
            tell_damaged(device_id, probe, "reading", one.taken_ms, samples.error());
    }
    std::ranges::stable_sort(found, {}, &StoredSeries::taken_ms);
    return found;
}

Result<Rolled> rolled_between(sqlite::Database& db, std::string_view device_id, std::string_view probe, Level level,
                              UnixMs from_ms, UnixMs to_ms)
{
    from_ms = floor_to(from_ms, bucket_ms(level));
    Rolled all;
    auto const parts = parts_between(db, device_id, probe, level, from_ms, to_ms);
    if (!parts) return fail(parts.error(), "rolled_between");
    for (auto const& part : *parts) {
        auto rolled = decode_rolled(part.block);
        if (!rolled) {
            tell_damaged(device_id, probe, "roll-up", part.slot_ms, rolled.error());
            continue;
        }
        combine(all, between(std::move(*rolled), from_ms, to_ms));
        if (count_buckets(all) > rolled_limit) return fail(errc::limit_exceeded, "rolled_between: too many curves");
    }
    // What is not sealed yet is rolled up here. A bucket that begins in time is told whole, so that it is right.
    static constexpr char sql[] = "SELECT taken_ms, samples FROM series "
                                  "WHERE device_id = ? AND probe = ? AND taken_ms >= ? AND taken_ms < ? "
                                  "ORDER BY taken_ms";
    auto const last = floor_to(to_ms - 1, bucket_ms(level)) + bucket_ms(level);
    auto const raw = select_all<RawReading>(db, "rolled_between", sql, read_raw, device_id, probe, from_ms, last);
    if (!raw) return raw.error();
    std::vector<StoredSeries> readings;
    for (auto const& one : *raw)
        if (auto samples = decode_samples(one.samples))
            readings.push_back({.taken_ms = one.taken_ms, .samples = std::move(*samples)});
    combine(all, roll(readings, bucket_ms(level)));
    return all;
}

Result<std::optional<StoredSeries>> latest_series(sqlite::Database& db, std::string_view device_id,
                                                  std::string_view probe)
{
    // Readings that are not sealed yet are newer than those that are, but where a clock was set back.
    static constexpr char raw_sql[] = "SELECT taken_ms, samples FROM series WHERE device_id = ? AND probe = ? "
                                      "ORDER BY taken_ms DESC LIMIT 1";
    auto const raw = select_first<RawReading>(db, "latest_series", raw_sql, read_raw, device_id, probe);
    if (!raw) return raw.error();
    if (*raw) {
        auto samples = decode_samples((*raw)->samples);
        if (samples) return std::optional(StoredSeries{.taken_ms = (*raw)->taken_ms, .samples = std::move(*samples)});
        tell_damaged(device_id, probe, "reading", (*raw)->taken_ms, samples.error());
    }
    static constexpr char slot_sql[] = "SELECT max(slot_ms) FROM series_block WHERE level = 0 AND series_id = "
                                       "(SELECT id FROM series_name WHERE device_id = ? AND probe = ?)";
    auto const number = [](sqlite::Statement& row) -> Result<std::optional<UnixMs>> { return row.optional_integer(0); };
    auto const slot = select_first<std::optional<UnixMs>>(db, "latest_series", slot_sql, number, device_id, probe);
    if (!slot) return slot.error();
    if (!*slot || !**slot) return std::optional<StoredSeries>();
    auto readings = series_between(db, device_id, probe, ***slot, ***slot + slot_ms(Level::readings));
    if (!readings) return readings.error();
    if (readings->empty()) return std::optional<StoredSeries>();
    return std::optional(std::move(readings->back()));
}

} // namespace rollcall::store
