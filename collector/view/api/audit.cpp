#include <utility>

#include <boost/json/parse.hpp>

#include "collector/store/audit.hpp"
#include "collector/store/fold.hpp"
#include "collector/view/api/access_resources.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static AuditRow shown(store::AuditRow const& row)
{
    AuditRow answer{.id = row.id,
                    .at_ms = row.at_ms,
                    .actor_kind = row.actor_kind,
                    .actor_id = row.actor_id,
                    .actor_name = row.actor_name,
                    .via = row.via,
                    .remote = row.remote,
                    .action = row.action,
                    .detail = {},
                    .devices = row.devices,
                    .customers = row.customers,
                    .result = row.result,
                    .hash = row.hash};
    boost::system::error_code failure;
    auto detail = boost::json::parse(row.detail, failure);
    if (!failure && detail.is_object()) answer.detail = std::move(detail.get_object());
    return answer;
}

static Outcome<AuditList> list_audit(Services& services, Call& call, Nothing const&)
{
    auto const& given = call.arguments;
    store::AuditWish wish{.before = given.has("before") ? given.integer("before") : 0,
                          .search = store::fold(given.text("search")),
                          .actor_id = given.text("technician"),
                          .device_id = given.text("device"),
                          .customer_id = given.text("customer"),
                          .refused = given.boolean("refused"),
                          .from_ms = {},
                          .to_ms = {},
                          .limit = given.integer("limit")};
    if (given.has("from_ms")) wish.from_ms = given.integer("from_ms");
    if (given.has("to_ms")) wish.to_ms = given.integer("to_ms");
    AuditList answer;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const page = store::audit_page(db, call.scope(), wish);
        if (!page) return page.error();
        answer.next = page->next;
        for (auto const& row : page->rows)
            answer.items.push_back(shown(row));
        return {};
    });
    if (!read) return from_error(read.error());
    return answer;
}

std::vector<Route> audit_routes()
{
    static constexpr std::int64_t latest_ms = 32'503'680'000'000;
    static constexpr std::int64_t largest_id = 9'007'199'254'740'991; // What a JavaScript number still tells exactly.
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/audit",
                               .summary = "Who did what, newest first: every write, and every attempt that was refused",
                               .parameters = {integer("before", 1, largest_id, {}, "`next` of the page before."),
                                              text("search", "Name, action, detail, address or result contains it."),
                                              text("technician", "Id of a technician."),
                                              text("device", "Id of a device."), text("customer", "Id of a customer."),
                                              boolean("refused", "Only what was refused, or only what was done."),
                                              integer("from_ms", 0, latest_ms, {}, "Not before."),
                                              integer("to_ms", 0, latest_ms, {}, "Before."),
                                              integer("limit", 1, limits::audit_rows, "100", "Rows to return.")},
                               .needs = access::Permission::audit_read},
                   &list_audit)};
}

} // namespace rollcall::api
