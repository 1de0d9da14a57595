#include <boost/json.hpp>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::store
{

Result<> add_event(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Event const& event)
{
    static constexpr char sql[] = "INSERT INTO event (device_id, epoch, sequence, name, at_ms, detail) "
                                  "VALUES (?, ?, ?, ?, ?, ?)";
    auto const detail = boost::json::serialize(wire::to_json(event.detail));
    return execute(db, "add_event", sql, device_id, epoch, event.sequence, event.name, event.at_ms, detail);
}

Result<std::vector<StoredEvent>> events_of(sqlite::Database& db, std::string_view device_id, std::int64_t limit)
{
    static constexpr char sql[] = "SELECT name, at_ms, detail FROM event WHERE device_id = ? "
                                  "ORDER BY at_ms DESC, id DESC LIMIT ?";
    auto const read = [](sqlite::Statement& row) -> Result<StoredEvent> {
        boost::system::error_code bad;
        auto const json = boost::json::parse(row.bytes(2), bad);
        if (bad) return fail(errc::corrupt, "detail");
        auto detail = wire::row_from_json(json);
        if (!detail) return fail(detail.error(), "detail");
        return StoredEvent{.name = row.text(0), .at_ms = row.integer(1), .detail = std::move(*detail)};
    };
    return select_all<StoredEvent>(db, "events_of", sql, read, device_id, limit);
}

} // namespace rollcall::store
