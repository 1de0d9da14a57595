#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "collector/view/api/exports.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/lists.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/list_columns.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

/// So that a spreadsheet takes it for UTF-8.
static constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";

static Parameter columns_parameter()
{
    auto parameter = text("columns", "Names of GET /api/v1/filter/columns (of the list's own), with commas between, in "
                                     "the order of the file; where absent, the list's own.");
    parameter.max = limits::columns_bytes;
    return parameter;
}

/// Places of the columns that were asked for.
static Outcome<std::vector<std::size_t>> columns_of(Call const& call, filter::Subject const& subject)
{
    std::vector<std::size_t> places;
    auto const wanted = call.arguments.text("columns");
    if (wanted.empty()) {
        for (std::size_t place = 0; place < subject.columns.size(); ++place)
            if (!is_of_device(subject.columns[place])) places.push_back(place);
        return places;
    }
    for (std::size_t at = 0; at <= wanted.size();) {
        auto const end = std::min(wanted.find(',', at), wanted.size());
        auto const name = wanted.substr(at, end - at);
        auto const found = std::ranges::find(subject.columns, name, &filter::Column::name);
        if (found == subject.columns.end())
            return bad_input("columns", "There is no column '" + clean_text(name, 64) + "' in this list.",
                             "GET /api/v1/filter/columns?of=" + subject.name + " lists them.");
        if (is_of_device(*found) && !call.identity->may(access::Permission::devices_read))
            return devices_are_hidden("columns");
        places.push_back(static_cast<std::size_t>(found - subject.columns.begin()));
        if (places.size() > limits::columns)
            return bad_input("columns", fmt::format("There are more than {} columns.", limits::columns),
                             "Ask for fewer.");
        at = end + 1;
    }
    return places;
}

static std::string head_of(filter::Subject const& subject, std::vector<std::size_t> const& places)
{
    std::vector<std::string> labels;
    for (auto const place : places) {
        auto const& column = subject.columns[place];
        labels.push_back(csv_text(is_of_device(column) ? "Device: " + column.label : column.label));
    }
    return std::string(csv_byte_order_mark) + csv_line(labels);
}

/// Before anything is looked for: what nobody may write need not be found.
static Outcome<std::shared_ptr<void>> place_for(Services& services, Call const& call)
{
    auto place = services.exports->take_place(call.identity->technician.id);
    if (place) return place;
    return problem(503, "overloaded", "The collector is busy",
                   fmt::format("{} lists are being written already, or {} of yours.", limits::exports,
                               limits::exports_per_technician),
                   {}, "Try again in a minute.");
}

/// Tells what the asker may see: a file takes minutes, and it ends with his session, or when his rights change.
static auto scope_of_now(Services& services, Call const& call)
{
    return [&guard = services.access, identity = *call.identity]() -> Result<store::Scope> {
        if (guard.standing(identity) != access::Access::Standing::same)
            return fail(errc::refused, "the session has ended, or the rights have changed");
        return identity.scope;
    };
}

static gateway::HttpResponse as_csv(Services& services, filter::Subject const& subject,
                                    std::vector<std::size_t> const& places, std::shared_ptr<void> place,
                                    std::vector<std::string> ids, WriteLines write)
{
    auto const today = fmt::gmtime(static_cast<std::time_t>(services.clock.now_ms() / 1000));
    gateway::HttpResponse response;
    response.headers = {
        {"Content-Type", "text/csv; charset=utf-8; header=present"},
        {"Content-Disposition", fmt::format("attachment; filename=\"{}-{:%Y-%m-%d}.csv\"", subject.name, today)},
        {"Cache-Control", "no-store"}};
    response.stream =
        services.exports->begin(std::move(place), head_of(subject, places), std::move(ids), std::move(write));
    return response;
}

static Outcome<gateway::HttpResponse> devices_as_csv(Services& services, Call& call)
{
    auto const& subject = view::device_subject();
    auto places = columns_of(call, subject);
    if (!places) return places.error();
    auto taken = place_for(services, call);
    if (!taken) return taken.error();
    auto query = device_query(call);
    if (!query) return query.error();
    auto filter = RequestFilter::parse(call, subject);
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, *query)) return *std::move(bad);
    auto ids = services.projection.device_ids(call.scope(), *query, services.clock.now_ms()).ids;
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    auto write = [&projection = services.projection, scope_now = scope_of_now(services, call),
                  places = *places](auto const& some) -> Result<std::string> {
        auto const scope = scope_now();
        if (!scope) return scope.error();
        std::string lines;
        projection.each_device_of(*scope, some, [&](DeviceRow const& row) {
            std::vector<std::string> fields;
            fields.reserve(places.size());
            for (auto const place : places)
                fields.push_back(csv_field(view::device_subject().columns[place], view::device_cell(row, place)));
            lines += csv_line(fields);
        });
        return lines;
    };
    return as_csv(services, subject, *places, *std::move(taken), std::move(ids), std::move(write));
}

static Outcome<gateway::HttpResponse> alerts_as_csv(Services& services, Call& call)
{
    auto const& subject = view::alert_subject();
    auto places = columns_of(call, subject);
    if (!places) return places.error();
    auto taken = place_for(services, call);
    if (!taken) return taken.error();
    auto query = alert_query(call.arguments);
    auto filter = RequestFilter::parse(call, subject);
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, query)) return *std::move(bad);
    auto ids = services.projection.alert_ids(call.scope(), query, services.clock.now_ms()).ids;
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    auto write = [&projection = services.projection, scope_now = scope_of_now(services, call),
                  places = *places](auto const& some) -> Result<std::string> {
        auto const scope = scope_now();
        if (!scope) return scope.error();
        std::string lines;
        projection.each_alert_of(*scope, some, [&](store::Alert const& alert, DeviceRow const& device) {
            std::vector<std::string> fields;
            fields.reserve(places.size());
            for (auto const place : places)
                fields.push_back(
                    csv_field(view::alert_subject().columns[place], view::alert_cell(alert, device, place)));
            lines += csv_line(fields);
        });
        return lines;
    };
    return as_csv(services, subject, *places, *std::move(taken), std::move(ids), std::move(write));
}

static std::vector<Parameter> with_columns(std::vector<Parameter> parameters)
{
    parameters.push_back(columns_parameter());
    return parameters;
}

std::vector<Route> csv_routes()
{
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices.csv",
                               .summary = "The Devices view as CSV: every line that matches, in order",
                               .parameters = with_columns(device_list_parameters()),
                               .needs = access::Permission::devices_read},
                   "text/csv", &devices_as_csv),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/alerts.csv",
                               .summary = "The Alerts view as CSV: every line that matches, in order",
                               .parameters = with_columns(alert_list_parameters()),
                               .needs = access::Permission::alerts_read},
                   "text/csv", &alerts_as_csv),
    };
}

} // namespace rollcall::api
