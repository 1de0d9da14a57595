#include "collector/client/watch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <ostream>
#include <thread>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "collector/client/event_reader.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/output.hpp"
#include "collector/client/text.hpp"
#include "common/core/clock.hpp"

namespace rollcall::client
{

namespace json = boost::json;

namespace
{

using Known = std::map<std::string, json::object, std::less<>>;

/// Not what is read anew all the time.
bool is_same(json::object const& a, json::object const& b)
{
    static constexpr std::array<std::string_view, 6> fields{"status", "severity",      "title",
                                                            "ticket", "assigned_name", "reopened_ms"};
    return std::ranges::all_of(fields, [&](auto field) {
        auto const* const one = a.if_contains(field);
        auto const* const other = b.if_contains(field);
        return one != nullptr && other != nullptr && *one == *other;
    });
}

/// What is known of the alerts, and how it is told.
///
/// Owns: the alerts as they were read last.  Threads: one.  Blocks: refresh() does.
class Watcher
{
public:
    Watcher(Api& api, Surroundings& around, Query query, std::vector<ListColumn> columns, bool as_json)
        : api_(api)
        , around_(around)
        , query_(std::move(query))
        , columns_(std::move(columns))
        , as_json_(as_json)
    {
    }

    /// Reads them, and tells what is different.
    Result<> refresh()
    {
        std::this_thread::sleep_until(not_before_);
        not_before_ = std::chrono::steady_clock::now() + limits::watch_every;
        auto found = list(api_, "/api/v1/alerts", query_, limits::watched_alerts);
        if (!found) return found.error();
        if (found->total > limits::watched_alerts)
            return fail(errc::limit_exceeded,
                        fmt::format("{} alerts match, and at most {} are watched; narrow them down with --customer, "
                                    "--severity or --filter",
                                    found->total, limits::watched_alerts));
        bool const is_first = !std::exchange(has_read_, true);
        if (is_first && !as_json_) print_table(around_, columns_, found->items);
        Known fresh;
        for (auto& item : found->items) {
            auto id = text_of(item, "id");
            auto const before = known_.find(id);
            if (is_first && as_json_) tell("is", item);
            if (!is_first && before == known_.end()) tell("raised", item);
            if (before != known_.end() && !is_same(before->second, item)) tell("changed", item);
            fresh.insert_or_assign(std::move(id), std::move(item));
        }
        for (auto const& [id, item] : known_)
            if (!fresh.contains(id)) tell("ended", item);
        known_ = std::move(fresh);
        around_.out.flush();
        return {};
    }

private:
    void tell(std::string_view what, json::object const& item)
    {
        auto const now_ms = SystemClock().now_ms();
        if (as_json_) return print_json(around_, json::object{{"change", what}, {"at_ms", now_ms}, {"alert", item}});
        auto line = fmt::format("{}  {:<7}", iso_time(now_ms), what);
        for (auto const& column : columns_)
            if (auto const cell = column.read(item); !cell.empty()) line.append("  ").append(shown(cell));
        around_.out << line << '\n';
    }

    Api& api_;
    Surroundings& around_;
    Query query_;
    std::vector<ListColumn> columns_;
    bool as_json_;
    bool has_read_ = false;
    Known known_;
    std::chrono::steady_clock::time_point not_before_{};
};

/// Whether an event says that alerts may be others now.
bool concerns_alerts(EventReader::Event const& event)
{
    if (event.name == "reset") return true;
    if (event.name != "changed") return false;
    boost::system::error_code failed;
    auto const read = json::parse(event.data, failed);
    auto const* const object = failed ? nullptr : read.if_object();
    auto const* const alerts = object == nullptr ? nullptr : object->if_contains("alerts");
    return alerts != nullptr && alerts->is_bool() && alerts->get_bool();
}

/// One stream until its end. An error that is worth another try is errc::io, errc::timed_out or errc::busy.
Result<> follow(Api& stream, EventReader& reader, Watcher& watcher, bool& has_begun)
{
    reader.begin_anew();
    Result<> outcome;
    Request request{.method = "GET", .target = "/api/v1/events", .silence = limits::silence};
    if (!reader.last_id().empty()) request.headers.emplace_back("Last-Event-ID", reader.last_id());
    // What is read before the stream is open might change unseen in between.
    auto const take = [&](std::string_view bytes) {
        auto const events = reader.take(bytes);
        if (!events) {
            outcome = events.error();
            return false;
        }
        bool stale = !std::exchange(has_begun, true);
        for (auto const& event : *events) {
            if (event.name == "session_ended") {
                outcome = fail(errc::unauthenticated, "the log-in has ended");
                return false;
            }
            stale = stale || concerns_alerts(event);
        }
        if (stale) outcome = watcher.refresh();
        return outcome.has_value();
    };
    auto const answer =
        stream.ask(std::move(request), [&](Answer const& head) { return head.status == 200 ? Take(take) : Take(); });
    if (!outcome) return outcome;
    if (!answer) return answer.error();
    if (answer->status == 503) return fail(errc::busy, error_of(*answer).trace);
    if (answer->status != 200) return error_of(*answer);
    return fail(errc::io, "the collector has ended the stream");
}

bool is_worth_another_try(Error const& error)
{
    return error.code == errc::io || error.code == errc::timed_out || error.code == errc::busy;
}

} // namespace

Result<> watch(Api& api, Invocation const& asked, Surroundings& around, Query const& query)
{
    auto columns = choose(alert_columns(), asked.has("columns") ? asked.text("columns") : usual_alert_columns());
    if (!columns) return columns.error();
    auto stream = Api::open(around);
    if (!stream) return stream.error();
    Watcher watcher(api, around, query, *std::move(columns), asked.has("json"));
    EventReader reader;
    bool has_begun = false;
    auto pause = std::chrono::milliseconds::zero();
    for (;;) {
        auto const place = reader.last_id();
        auto ended = follow(*stream, reader, watcher, has_begun);
        if (!has_begun || !is_worth_another_try(ended.error())) return ended;
        if (reader.last_id() != place) pause = {};
        auto const first = reader.pause().value_or(std::chrono::milliseconds(2000));
        pause = std::clamp(pause * 2, first, std::max(first, limits::longest_pause));
        around.error << fmt::format("rollcall: {}; trying again in {:.1f} s\n", shown(ended.error().trace),
                                    static_cast<double>(pause.count()) / 1000.0);
        std::this_thread::sleep_for(pause);
    }
}

} // namespace rollcall::client
