#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

Result<std::uint64_t> high_water(sqlite::Database& db, std::string_view device_id, std::string_view epoch,
                                 wire::Lane lane)
{
    static constexpr char sql[] = "SELECT sequence FROM lane WHERE device_id = ? AND epoch = ? AND lane = ?";
    auto const sequence = [](sqlite::Statement& row) -> Result<std::uint64_t> {
        return static_cast<std::uint64_t>(row.integer(0));
    };
    auto const found = select_first<std::uint64_t>(db, "high_water", sql, sequence, device_id, epoch, to_string(lane));
    if (!found) return found.error();
    return found->value_or(0);
}

Result<> set_high_water(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Lane lane,
                        std::uint64_t sequence)
{
    static constexpr char sql[] = "INSERT INTO lane (device_id, epoch, lane, sequence) VALUES (?, ?, ?, ?) "
                                  "ON CONFLICT (device_id, epoch, lane) DO UPDATE SET sequence = excluded.sequence "
                                  "WHERE excluded.sequence > lane.sequence";
    return execute(db, "set_high_water", sql, device_id, epoch, to_string(lane), sequence);
}

Result<> add_gap(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Gap const& gap)
{
    static constexpr char sql[] = "INSERT INTO gap (device_id, epoch, lane, first, last, at_ms, reason) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?)";
    return execute(db, "add_gap", sql, device_id, epoch, gap.lane, gap.first, gap.last, gap.at_ms, gap.reason);
}

Result<std::vector<wire::Gap>> gaps_of(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] = "SELECT lane, first, last, at_ms, reason FROM gap WHERE device_id = ? ORDER BY id";
    auto const read = [](sqlite::Statement& row) -> Result<wire::Gap> {
        return wire::Gap{.lane = row.text(0),
                         .first = static_cast<std::uint64_t>(row.integer(1)),
                         .last = static_cast<std::uint64_t>(row.integer(2)),
                         .at_ms = row.integer(3),
                         .reason = row.text(4)};
    };
    return select_all<wire::Gap>(db, "gaps_of", sql, read, device_id);
}

} // namespace rollcall::store
