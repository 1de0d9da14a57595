#include "agent/probe/events.hpp"

#include <utility>

namespace rollcall::probe
{

namespace
{

template <class T>
T const* cell(Row const& row, std::string_view column)
{
    auto const found = row.find(column);
    return found == row.end() ? nullptr : std::get_if<T>(&found->second);
}

bool is_text(Row const& row, std::string_view column, std::string_view wanted)
{
    auto const* const text = cell<std::string>(row, column);
    return text != nullptr && *text == wanted;
}

/// The cell as it is, unknown included.
void copy(Row& to, std::string_view name, Row const& from, std::string_view column)
{
    auto const found = from.find(column);
    to.emplace(name, found == from.end() ? unknown(errc::not_yet_read) : found->second);
}

/// The time in a cell where it is known and not in the future, else now.
UnixMs at(Row const& row, std::string_view column, UnixMs now_ms)
{
    auto const* const time = cell<std::int64_t>(row, column);
    return time != nullptr && *time > 0 && *time <= now_ms ? *time : now_ms;
}

wire::Event session_event(std::string name, std::string const& id, Row const& row, UnixMs at_ms)
{
    wire::Event event;
    event.name = std::move(name);
    event.at_ms = at_ms;
    event.detail.emplace("session", id);
    for (auto const* const column : {"user", "kind", "from"})
        copy(event.detail, column, row, column);
    return event;
}

} // namespace

std::vector<wire::Event> session_events(Snapshot const& before, Snapshot const& after, UnixMs now_ms)
{
    std::vector<wire::Event> events;
    auto const begun = [](Row const& row) {
        auto const* const time = cell<std::int64_t>(row, "since_ms");
        return time == nullptr ? std::int64_t{0} : *time;
    };
    for (auto const& [id, row] : before) {
        auto const now = after.find(id);
        // The same id with another beginning is another session.
        if (now == after.end() || begun(now->second) != begun(row))
            events.push_back(session_event("log_out", id, row, now_ms));
    }
    for (auto const& [id, row] : after) {
        auto const old = before.find(id);
        if (old == before.end() || begun(old->second) != begun(row)) {
            events.push_back(session_event("log_in", id, row, at(row, "since_ms", now_ms)));
            continue;
        }
        // From or to an unknown state nobody can tell.
        bool const known =
            cell<std::string>(old->second, "state") != nullptr && cell<std::string>(row, "state") != nullptr;
        bool const was_locked = is_text(old->second, "state", "locked");
        bool const is_locked = is_text(row, "state", "locked");
        if (known && was_locked != is_locked)
            events.push_back(session_event(is_locked ? "lock" : "unlock", id, row, now_ms));
    }
    return events;
}

std::vector<wire::Event> service_events(Snapshot const& before, Snapshot const& after, UnixMs now_ms)
{
    std::vector<wire::Event> events;
    for (auto const& [name, row] : after) {
        if (!is_text(row, "state", "failed")) continue;
        auto const old = before.find(name);
        if (old != before.end() && is_text(old->second, "state", "failed")) {
            // Failed, started and failed again between two looks.
            auto const* const then = cell<std::int64_t>(old->second, "since_ms");
            auto const* const now = cell<std::int64_t>(row, "since_ms");
            if (then == nullptr || now == nullptr || *then == *now) continue;
        }
        wire::Event event;
        event.name = "service_failed";
        event.at_ms = at(row, "since_ms", now_ms);
        event.detail.emplace("service", name);
        copy(event.detail, "result", row, "result");
        events.push_back(std::move(event));
    }
    return events;
}

std::optional<std::string> boot_id_of(Snapshot const& os)
{
    auto const row = os.find("");
    auto const* const id = row == os.end() ? nullptr : cell<std::string>(row->second, "boot_id");
    if (id == nullptr) return std::nullopt;
    return *id;
}

std::optional<wire::Event> boot_event(std::optional<std::string> const& remembered_boot_id, Snapshot const& os,
                                      UnixMs now_ms)
{
    auto const id = boot_id_of(os);
    if (!id || !remembered_boot_id || *id == *remembered_boot_id) return std::nullopt;
    auto const& row = os.find("")->second;
    wire::Event event;
    event.name = "boot";
    event.at_ms = at(row, "boot_ms", now_ms);
    event.detail.emplace("boot_id", *id);
    copy(event.detail, "boot_ms", row, "boot_ms");
    return event;
}

} // namespace rollcall::probe
