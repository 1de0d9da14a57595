#include <algorithm>
#include <istream>
#include <ostream>
#include <set>
#include <sstream>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "collector/client/api.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/output.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/settings.hpp"
#include "collector/client/table.hpp"
#include "collector/client/watch.hpp"
#include "common/core/clock.hpp"

namespace rollcall::client
{

namespace json = boost::json;

/// What is asked for of the list, with names looked up.
static Result<Query> alert_query(Api& api, Invocation const& asked)
{
    Query query;
    add_options(query, asked, {"search", "filter", "severity", "category", "sort"});
    query.emplace_back("status", asked.has("status") ? asked.text("status") : "open,snoozed");
    struct Named {
        std::string_view option;
        Result<std::string> (*look_up)(Api&, std::string const&);
    };
    for (auto const& [option, look_up] :
         {Named{"customer", &customer_id}, Named{"device", &device_id}, Named{"assigned", &technician_id}}) {
        if (!asked.has(option)) continue;
        auto id = look_up(api, asked.text(option));
        if (!id) return id.error();
        query.emplace_back(option, *std::move(id));
    }
    return query;
}

Exit run_alerts(Invocation const& asked, Surroundings& around)
{
    bool const watches = asked.has("watch");
    if (watches && (asked.has("csv") || asked.has("limit") || asked.has("all")))
        return complain(around, fail(errc::bad_input, "--watch goes neither with --csv nor with --limit or --all"));
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    auto const query = alert_query(*api, asked);
    if (!query) return complain(around, query.error());
    auto const done =
        watches ? watch(*api, asked, around, *query)
                : show_list(*api, asked, around, "/api/v1/alerts", *query, alert_columns(), usual_alert_columns());
    return done ? Exit::done : complain(around, done.error());
}

/// The ids of the line, or of standard input; each once, in their order.
static Result<std::vector<std::string>> ids_of(Invocation const& asked, Surroundings& around)
{
    std::vector<std::string> given;
    for (auto const& argument : asked.arguments) {
        if (argument != "-") {
            given.push_back(argument);
            continue;
        }
        auto text = read_all("-", around.in, limits::data_bytes);
        if (!text) return text.error();
        std::istringstream words(*text);
        for (std::string word; words >> word;)
            given.push_back(word);
    }
    std::set<std::string> seen;
    std::erase_if(given, [&](std::string const& id) { return !seen.insert(id).second; });
    if (given.empty()) return fail(errc::bad_input, "no alert is named");
    return given;
}

/// How bad it is what became of an alert.
static Exit exit_of_outcome(std::string_view outcome)
{
    if (outcome == "done" || outcome == "unchanged") return Exit::done;
    return outcome == "not_found" ? Exit::not_found : Exit::conflict;
}

/// Sends the wish for all of them, and tells what became of each.
static Exit work(Invocation const& asked, Surroundings& around, Api& api, std::string_view verb,
                 json::object const& wish)
{
    auto const ids = ids_of(asked, around);
    if (!ids) return complain(around, ids.error());
    json::array results;
    std::int64_t done = 0;
    for (std::size_t at = 0; at < ids->size(); at += limits::chosen_alerts) {
        auto const end = std::min(ids->size(), at + limits::chosen_alerts);
        json::array chosen;
        for (auto one = at; one < end; ++one)
            chosen.emplace_back((*ids)[one]);
        auto body = wish;
        body["alerts"] = json::object{{"ids", std::move(chosen)}, {"versions", nullptr}};
        auto answer = api.post(fmt::format("/api/v1/alerts/{}", verb), body);
        if (!answer) {
            if (at > 0)
                around.error << fmt::format("rollcall: {} of {} alerts were not asked about\n", ids->size() - at,
                                            ids->size());
            return complain(around, answer.error());
        }
        if (auto const* const count = answer->if_contains("done"); count != nullptr && count->is_int64())
            done += count->get_int64();
        if (auto* const some = answer->if_contains("results"); some != nullptr && some->is_array())
            for (auto& one : some->get_array())
                results.push_back(std::move(one));
    }
    auto worst = Exit::done;
    std::vector<std::vector<std::string>> lines;
    for (auto const& result : results) {
        auto const* const object = result.if_object();
        if (object == nullptr) continue;
        auto const outcome = text_of(*object, "outcome");
        if (worst == Exit::done) worst = exit_of_outcome(outcome);
        lines.push_back({text_of(*object, "id"), outcome, text_of(*object, "detail")});
    }
    if (asked.has("json"))
        print_json(around, json::object{{"results", std::move(results)}, {"done", done}});
    else
        around.out << table({{"ID", false, true}, {"OUTCOME"}, {"DETAIL"}}, lines, around.width);
    return worst;
}

static Exit work_plainly(Invocation const& asked, Surroundings& around, std::string_view verb, json::object const& wish)
{
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    return work(asked, around, *api, verb, wish);
}

Exit run_resolve(Invocation const& asked, Surroundings& around) { return work_plainly(asked, around, "resolve", {}); }
Exit run_reopen(Invocation const& asked, Surroundings& around) { return work_plainly(asked, around, "reopen", {}); }

Exit run_snooze(Invocation const& asked, Surroundings& around)
{
    json::object wish{{"until_ms", nullptr}};
    if (asked.has("for")) {
        auto const period_ms = read_period_ms(asked.text("for"));
        if (!period_ms) return complain(around, fail(errc::bad_input, "--for wants a time such as 90s, 15m, 4h or 7d"));
        wish["until_ms"] = SystemClock().now_ms() + *period_ms;
    }
    return work_plainly(asked, around, "snooze", wish);
}

Exit run_assign(Invocation const& asked, Surroundings& around)
{
    if (asked.has("to") == asked.has("nobody"))
        return complain(around, fail(errc::bad_input, "'alerts assign' wants either --to NAME or --nobody"));
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    json::object wish{{"technician_id", nullptr}};
    if (asked.has("to")) {
        auto const technician = technician_id(*api, asked.text("to"));
        if (!technician) return complain(around, technician.error());
        wish["technician_id"] = *technician;
    }
    return work(asked, around, *api, "assign", wish);
}

} // namespace rollcall::client
