#include <cmath>

#include "collector/view/api/routes.hpp"
#include "common/core/version.hpp"
#include "common/wire/catalogue.hpp"

namespace rollcall::api
{

static std::vector<ColumnInfo> columns_of(std::span<wire::Column const> columns)
{
    std::vector<ColumnInfo> shown;
    for (auto const& column : columns)
        shown.push_back({.name = std::string(column.name),
                         .label = std::string(column.label),
                         .type = std::string(wire::to_string(column.type)),
                         .unit = std::string(wire::to_string(column.unit)),
                         .meaning = std::string(column.meaning)});
    return shown;
}

Catalogue catalogue()
{
    Catalogue all;
    for (auto const& probe : wire::probes())
        all.probes.push_back({.name = std::string(probe.name),
                              .label = std::string(probe.label),
                              .kind = std::string(wire::to_string(probe.kind)),
                              .key_label = std::string(probe.key_label),
                              .every_s = probe.every.count(),
                              .meaning = std::string(probe.meaning),
                              .columns = columns_of(probe.columns),
                              .in_history = wire::is_told(probe),
                              .appeared_label = std::string(probe.appeared),
                              .vanished_label = std::string(probe.vanished)});
    for (auto const& event : wire::event_types())
        all.event_types.push_back({.name = std::string(event.name),
                                   .label = std::string(event.label),
                                   .meaning = std::string(event.meaning),
                                   .columns = columns_of(event.columns)});
    return all;
}

static Outcome<Catalogue> probes(Services&, Call&, Nothing const&) { return catalogue(); }

static Outcome<ThresholdProfile> thresholds(Services& services, Call&, Nothing const&) { return services.thresholds; }

static Outcome<SystemInfo> system_info(Services& services, Call&, Nothing const&)
{
    SystemInfo answer{.version = std::string(version()),
                      .started_ms = services.started_ms,
                      .now_ms = services.clock.now_ms(),
                      .data_bytes = services.store.size_bytes(),
                      .data_bytes_per_day = {},
                      .data_measured_from_ms = {},
                      .ca_sha256 = services.ca_sha256()};
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const grown = store::growth(db, answer.now_ms, answer.data_bytes);
        if (!grown) return grown.error();
        if (!*grown) return {};
        answer.data_bytes_per_day = std::llround((*grown)->bytes_per_day);
        answer.data_measured_from_ms = (*grown)->since_ms;
        return {};
    });
    if (!done) return from_error(done.error());
    return answer;
}

static Outcome<boost::json::object> contract(Services&, Call&, Nothing const&) { return document(); }

std::vector<Route> system_routes()
{
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/probes",
                               .summary = "What devices can be asked: probes and kinds of events",
                               .needs = Needs::nothing()},
                   &probes),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/thresholds",
                               .summary = "What raises alerts",
                               .needs = Needs::nothing()},
                   &thresholds),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/system",
                               .summary = "The collector itself",
                               .needs = Needs::nothing()},
                   &system_info),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/openapi.json",
                               .summary = "This document",
                               .guard = Guard::open,
                               .needs = Needs::nothing()},
                   &contract),
    };
}

} // namespace rollcall::api
