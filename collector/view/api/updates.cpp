#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "collector/store/fold.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/update_facts.hpp"
#include "common/release/manifest.hpp"

namespace rollcall::api
{

static constexpr std::int64_t hour_ms = 3'600'000;
static constexpr std::string_view for_all;

static EffectiveUpdatePolicy shown(updates::EffectivePolicy const& policy)
{
    return {.channel = std::string(to_string(policy.channel)),
            .channel_from = policy.channel_from,
            .pinned = policy.pinned ? to_string(*policy.pinned) : std::string(),
            .pinned_from = policy.pinned_from,
            .paused = policy.paused,
            .paused_from = policy.paused_from};
}

static UpdatePolicy shown(store::UpdatePolicy const& policy)
{
    return {.channel = policy.channel, .pinned = policy.pinned, .paused = policy.paused};
}

/// Of others' devices a technician who sees some customers only must not learn, not even how many there are.
static std::string for_eyes(std::string reason, std::string const& verdict, store::Scope const& scope)
{
    if (scope.all || verdict != "stopped") return reason;
    return "stopped: too many devices failed";
}

static DeviceUpdate shown(updates::Board const& board, DeviceRow const& row, store::Scope const& scope)
{
    auto const verdict = board.verdict(view::update_facts(row), false);
    DeviceUpdate update{.device_id = row.id,
                        .device_name = row.name,
                        .customer_id = row.customer_id,
                        .customer_name = row.customer_name,
                        .availability = row.availability,
                        .version = row.agent_version,
                        .verdict = verdict.word,
                        .reason = for_eyes(verdict.reason, verdict.word, scope),
                        .target = verdict.about ? to_string(*verdict.about) : std::string(),
                        .opens_ms = verdict.opens_ms,
                        .attempt = {},
                        .policy = shown(board.effective(row.customer_id, row.id))};
    if (verdict.offer && row.availability != "online") update.reason = "is offered when it is online";
    if (auto last = board.last_attempt(row.id))
        update.attempt = UpdateAttempt{.version = std::move(last->version),
                                       .from_version = std::move(last->from_version),
                                       .state = std::move(last->state),
                                       .reason = std::move(last->reason),
                                       .offered_ms = last->offered_ms,
                                       .at_ms = last->at_ms};
    return update;
}

static bool newer_first(VersionCount const& a, VersionCount const& b)
{
    auto const left = release::parse_version(a.version);
    auto const right = release::parse_version(b.version);
    if (left && right) return *left > *right;
    if (left.has_value() != right.has_value()) return left.has_value();
    return a.version < b.version;
}

static Outcome<UpdateList> list_updates(Services& services, Call& call, Nothing const&)
{
    auto const& given = call.arguments;
    auto const customer = given.text("customer");
    if (!customer.empty() && !services.projection.customer_name(call.scope(), customer)) return not_found("customer");
    auto const version = given.text("version");
    auto const verdicts = given.choices("verdict");
    auto const sought = store::fold(given.text("search"));
    std::map<std::string, std::int64_t> versions;
    std::vector<DeviceUpdate> found;
    services.projection.each_device(call.scope(), customer, [&](DeviceRow const& row) {
        if (row.revoked) return;
        ++versions[row.agent_version];
        if (given.has("version") && row.agent_version != version) return;
        if (!sought.empty() && store::fold(row.name).find(sought) == std::string::npos) return;
        auto update = shown(services.board, row, call.scope());
        if (verdicts.empty() || verdicts.contains(update.verdict)) found.push_back(std::move(update));
    });
    std::ranges::sort(found, [](DeviceUpdate const& a, DeviceUpdate const& b) {
        return std::tie(a.device_name, a.device_id) < std::tie(b.device_name, b.device_id);
    });
    UpdateList answer;
    for (auto const& [name, devices] : versions)
        answer.versions.push_back({.version = name, .devices = devices});
    std::ranges::sort(answer.versions, newer_first);
    answer.total = static_cast<std::int64_t>(found.size());
    auto const from = std::min<std::size_t>(static_cast<std::size_t>(given.integer("offset")), found.size());
    auto const count = std::min<std::size_t>(static_cast<std::size_t>(given.integer("limit")), found.size() - from);
    for (auto at = from; at < from + count; ++at)
        answer.items.push_back(std::move(found[at]));
    return answer;
}

static Outcome<DeviceUpdate> read_update(Services& services, Call& call, Nothing const&)
{
    auto const row = services.projection.device(call.scope(), call.path[0]);
    if (!row) return not_found("device");
    return shown(services.board, *row, call.scope());
}

static Outcome<DeviceUpdate> retry_update(Services& services, Call& call, Nothing const& body)
{
    if (!services.projection.device(call.scope(), call.path[0])) return not_found("device");
    auto const tried = services.backend.retry_update(call.scope(), call.path[0]);
    if (!tried) return tried.error();
    return read_update(services, call, body);
}

// --- releases --------------------------------------------------------------------------------------------------------

/// What the devices that may be seen do about a release.
struct AboutRelease {
    std::int64_t running{};
    std::int64_t waiting{};
};

static ReleaseRow shown(updates::Release const& release, std::optional<store::ReleaseNote> const& note,
                        store::Scope const& scope)
{
    auto const& manifest = release.manifest;
    ReleaseRow row{.version = to_string(manifest.version),
                   .channel = std::string(to_string(manifest.channel)),
                   .released_ms = manifest.released_ms,
                   .first_seen_ms = {},
                   .warning = release.warning,
                   .stopped_ms = {},
                   .stopped_why = {},
                   .waves = {},
                   .files = {}};
    if (note) {
        row.first_seen_ms = note->first_seen_ms;
        row.stopped_ms = note->stopped_ms;
        if (note->stopped_ms) row.stopped_why = scope.all ? note->stopped_why : "too many devices failed";
        for (auto const& wave : manifest.waves)
            row.waves.push_back({.percent = wave.percent, .opens_ms = note->first_seen_ms + wave.after_h * hour_ms});
    }
    for (auto const& file : manifest.files)
        row.files.push_back({.name = file.name,
                             .kind = file.kind,
                             .system = file.system,
                             .architecture = file.architecture,
                             .bytes = file.bytes,
                             .sha256 = file.sha256});
    return row;
}

static Outcome<ReleaseList> list_releases(Services& services, Call& call, Nothing const&)
{
    auto const shelf = services.board.shelf();
    std::map<std::string, AboutRelease> about;
    std::set<std::string, std::less<>> visible;
    services.projection.each_device(call.scope(), {}, [&](DeviceRow const& row) {
        if (row.revoked) return;
        visible.insert(row.id);
        ++about[row.agent_version].running;
        auto const verdict = services.board.verdict(view::update_facts(row), false);
        if (verdict.about && (verdict.word == "waiting" || verdict.word == "queued" || verdict.offer))
            ++about[to_string(*verdict.about)].waiting;
    });
    auto const progress = services.board.progress([&](std::string const& id) { return visible.contains(id); });
    ReleaseList answer;
    answer.unreadable = shelf->unreadable;
    for (auto const& broken : shelf->broken)
        answer.broken.push_back({.name = broken.name, .why = broken.why});
    for (auto const& release : shelf->releases) {
        auto const version = to_string(release->version());
        auto row = shown(*release, services.board.note(version), call.scope());
        row.running = about[version].running;
        row.waiting = about[version].waiting;
        if (auto const found = progress.find(version); found != progress.end()) {
            row.under_way = found->second.under_way;
            row.confirmed = found->second.confirmed;
            row.failed = found->second.failed;
            row.refused = found->second.refused;
        }
        answer.items.push_back(std::move(row));
    }
    return answer;
}

static Outcome<Nothing> resume_release(Services& services, Call& call, Nothing const&)
{
    if (!call.scope().all)
        return problem(403, "refused", "Refused", "You see some customers only, and a release is for all.", {},
                       "Ask somebody who sees all customers.");
    auto const note = services.backend.let_release_go_on(call.path[0]);
    if (!note) return note.error();
    return Nothing{};
}

// --- policies --------------------------------------------------------------------------------------------------------

static std::optional<Problem> wrong_with(UpdatePolicy const& policy)
{
    if (policy.channel && !release::parse_channel(*policy.channel))
        return bad_input("channel", "There is no such channel.",
                         "Give stable, beta, or null for what is said further up.");
    if (policy.pinned && !policy.pinned->empty() && !release::parse_version(*policy.pinned))
        return bad_input("pinned", "This is no version.",
                         "Give one as in 1.2.3, \"\" for none, or null for what is said further up.");
    return std::nullopt;
}

static Outcome<UpdatePolicy> put_policy(Services& services, Call const& call, std::string owner,
                                        UpdatePolicy const& body)
{
    if (auto wrong = wrong_with(body)) return *std::move(wrong);
    auto const kept = services.backend.set_update_policy(
        call.scope(), std::move(owner), {.channel = body.channel, .pinned = body.pinned, .paused = body.paused});
    if (!kept) return kept.error();
    return shown(*kept);
}

static Outcome<UpdatePolicy> read_policy(Services& services, Call&, Nothing const&)
{
    return shown(services.board.policy(std::string(for_all)));
}

static Outcome<UpdatePolicy> write_policy(Services& services, Call& call, UpdatePolicy const& body)
{
    if (!call.scope().all)
        return problem(403, "refused", "Refused", "You see some customers only, and this is for all.", {},
                       "Set it for a customer, or ask somebody who sees all of them.");
    return put_policy(services, call, std::string(for_all), body);
}

static Outcome<UpdatePolicy> read_customer_policy(Services& services, Call& call, Nothing const&)
{
    if (!services.projection.customer_record(call.scope(), call.path[0])) return not_found("customer");
    return shown(services.board.policy(call.path[0]));
}

static Outcome<UpdatePolicy> write_customer_policy(Services& services, Call& call, UpdatePolicy const& body)
{
    if (!services.projection.customer_record(call.scope(), call.path[0])) return not_found("customer");
    return put_policy(services, call, call.path[0], body);
}

static Outcome<UpdatePolicy> read_device_policy(Services& services, Call& call, Nothing const&)
{
    if (!services.projection.device(call.scope(), call.path[0])) return not_found("device");
    return shown(services.board.policy(call.path[0]));
}

static Outcome<UpdatePolicy> write_device_policy(Services& services, Call& call, UpdatePolicy const& body)
{
    if (!services.projection.device(call.scope(), call.path[0])) return not_found("device");
    return put_policy(services, call, call.path[0], body);
}

std::vector<Route> update_routes()
{
    static constexpr auto policy = "/api/v1/update-policy";
    static constexpr auto of_customer = "/api/v1/customers/{id}/update-policy";
    static constexpr auto of_device = "/api/v1/devices/{id}/update-policy";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/updates",
                               .summary = "Which version each device runs, and what comes next",
                               .parameters = {text("customer", "Id of a customer; where absent, all."),
                                              text("version", "That the device runs."),
                                              choices("verdict", updates::verdict_words(), "What is said of it."),
                                              text("search", "The device's name contains it, whatever the case."),
                                              integer("offset", 0, limits::offset, "0", "Rows to skip."),
                                              integer("limit", 0, limits::list_rows, "100", "Rows to return.")},
                               .needs = access::Permission::updates_read},
                   &list_updates),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices/{id}/update",
                               .summary = "Which version one device runs, and what comes next",
                               .needs = access::Permission::updates_read},
                   &read_update),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/{id}/update/retry",
                               .summary = "Offer a device again what it failed with or refused",
                               .needs = access::Permission::updates_write},
                   &retry_update),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/releases",
                               .summary = "Releases of the agent, and how far they have come",
                               .needs = access::Permission::updates_read},
                   &list_releases),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/releases/{version}/resume",
                               .summary = "Offer a release again that stopped itself",
                               .success = 204,
                               .needs = access::Permission::updates_write},
                   &resume_release),
        make_route(Declaration{.method = "GET",
                               .pattern = policy,
                               .summary = "What is said about updates for all",
                               .needs = access::Permission::updates_read},
                   &read_policy),
        make_route(Declaration{.method = "PUT",
                               .pattern = policy,
                               .summary = "Say something about updates for all",
                               .needs = access::Permission::updates_write},
                   &write_policy),
        make_route(Declaration{.method = "GET",
                               .pattern = of_customer,
                               .summary = "What is said for a customer",
                               .needs = access::Permission::updates_read},
                   &read_customer_policy),
        make_route(Declaration{.method = "PUT",
                               .pattern = of_customer,
                               .summary = "Say something for a customer",
                               .needs = access::Permission::updates_write},
                   &write_customer_policy),
        make_route(Declaration{.method = "GET",
                               .pattern = of_device,
                               .summary = "What is said for a device",
                               .needs = access::Permission::updates_read},
                   &read_device_policy),
        make_route(Declaration{.method = "PUT",
                               .pattern = of_device,
                               .summary = "Say something for a device",
                               .needs = access::Permission::updates_write},
                   &write_device_policy),
    };
}

} // namespace rollcall::api
