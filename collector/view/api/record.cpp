#include "collector/view/api/record.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/access/slow_down.hpp"
#include "collector/view/api/limits.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

static bool is_secret(std::string_view field)
{
    static constexpr std::array secrets{"password", "secret", "code", "word"};
    return std::ranges::any_of(secrets,
                               [&](std::string_view part) { return field.find(part) != std::string_view::npos; });
}

static void hide_secrets(boost::json::value& value)
{
    if (auto* const list = value.if_array())
        for (auto& element : *list)
            hide_secrets(element);
    auto* const object = value.if_object();
    if (object == nullptr) return;
    for (auto& entry : *object) {
        if (is_secret(entry.key()))
            entry.value() = "(hidden)";
        else
            hide_secrets(entry.value());
    }
}

static boost::json::value body_of_request(gateway::HttpRequest const& request)
{
    boost::system::error_code failure;
    auto body = boost::json::parse(request.body, failure);
    if (failure) return {};
    return body;
}

/// The body without what nobody may read later (passwords, codes, secrets), cut where it is too long.
static std::string detail_of(gateway::HttpRequest const& request, boost::json::value body, std::size_t left_out)
{
    boost::json::object detail{{"path", clean_text(request.path, limits::audit_detail_bytes / 4)}};
    if (left_out > 0) detail.emplace("ids_left_out", left_out);
    if (!body.is_null()) {
        hide_secrets(body);
        detail.emplace("body", std::move(body));
    }
    auto text = boost::json::serialize(detail);
    if (text.size() <= limits::audit_detail_bytes) return text;
    detail["body"] = boost::json::object{{"bytes", request.body.size()}, {"sha256", sha256_hex(request.body)}};
    return boost::json::serialize(detail);
}

namespace
{

/// Collects ids, each once, and no more than a row holds.
class Subjects
{
public:
    Subjects(store::AuditEntry& entry, view::Projection const& projection)
        : entry_(entry)
        , projection_(projection)
    {
    }
    void device(std::string_view id)
    {
        if (auto fresh = unmet(devices_, id); !fresh.empty()) entry_.devices.push_back(std::move(fresh));
    }
    /// Only if there is one: who sees a row goes by its customers, so nobody may hide it by making some up.
    void customer(std::string_view id)
    {
        auto fresh = unmet(customers_, id);
        if (!fresh.empty() && projection_.customer(store::Scope::everything(), fresh))
            entry_.customers.push_back(std::move(fresh));
    }
    /// How often one was named for which there was no place.
    [[nodiscard]] std::size_t left_out() const { return left_out_; }

    void alert(std::string_view id)
    {
        if (auto const row = projection_.alert(store::Scope::everything(), std::string(id))) device(row->device_id);
    }
    void folder(std::string_view id)
    {
        if (auto const name = projection_.folder_name(store::Scope::everything(), id)) customer(name->customer_id);
    }
    /// `ids`, where the route says what they are ids of.
    void look_into_ids(std::string_view pattern, boost::json::value const& body)
    {
        auto const* const object = body.if_object();
        if (object == nullptr) return;
        if (auto const* const ids = object->if_contains("ids");
            ids != nullptr && pattern.starts_with("/api/v1/devices/"))
            each_text(*ids, [this](std::string_view id) { device(id); });
        auto const* const chosen = pattern.starts_with("/api/v1/alerts/") ? object->if_contains("alerts") : nullptr;
        auto const* const list =
            chosen != nullptr && chosen->is_object() ? chosen->get_object().if_contains("ids") : nullptr;
        if (list != nullptr) each_text(*list, [this](std::string_view id) { alert(id); });
    }

    /// Fields that name them, at any depth of a body.
    void look_into(boost::json::value const& value)
    {
        if (auto const* const list = value.if_array())
            for (auto const& element : *list)
                look_into(element);
        auto const* const object = value.if_object();
        if (object == nullptr) return;
        for (auto const& field : *object) {
            std::string_view const name = field.key();
            if (name == "device_id" || name == "device_ids" || name == "devices")
                each_text(field.value(), [this](std::string_view id) { device(id); });
            else if (name == "customer_id" || name == "customer_ids" || name == "customers")
                each_text(field.value(), [this](std::string_view id) { customer(id); });
            else if (name == "folder_id" || name == "folders")
                each_text(field.value(), [this](std::string_view id) { folder(id); });
            look_into(field.value());
        }
    }

private:
    template <class Take>
    static void each_text(boost::json::value const& value, Take take)
    {
        if (value.is_string()) take(std::string_view(value.get_string()));
        if (auto const* const list = value.if_array())
            for (auto const& element : *list)
                if (element.is_string()) take(std::string_view(element.get_string()));
    }
    /// The id, fit for a row; "" where it was met before, or there is no place.
    std::string unmet(std::set<std::string>& met, std::string_view id)
    {
        if (met.size() >= store::audit_subjects) {
            ++left_out_;
            return {};
        }
        auto clean = clean_text(id, parameter_bytes);
        return met.insert(clean).second ? clean : std::string();
    }

    store::AuditEntry& entry_;
    view::Projection const& projection_;
    std::set<std::string> devices_;
    std::set<std::string> customers_;
    std::size_t left_out_ = 0;
};

} // namespace

void tell_who(store::AuditEntry& entry, std::string action, gateway::HttpRequest const& request,
              std::optional<access::Identity> const& identity, UnixMs now_ms)
{
    entry.at_ms = now_ms;
    entry.remote = request.remote;
    entry.action = std::move(action);
    entry.actor_kind = "stranger";
    if (!identity) return;
    entry.actor_kind = identity->token ? "program" : "technician";
    entry.actor_id = identity->technician.id;
    entry.actor_name = identity->technician.name;
    entry.via = identity->token ? identity->token->id : identity->session.id;
}

std::shared_ptr<store::AuditEntry> entry_of(Services const& services, Route const& route,
                                            std::vector<std::string> const& path, gateway::HttpRequest const& request,
                                            std::optional<access::Identity> const& identity)
{
    auto entry = std::make_shared<store::AuditEntry>();
    tell_who(*entry, route.method + " " + route.pattern, request, identity, services.clock.now_ms());
    if (!identity) return entry;
    // Where no body is taken, one says nothing.
    auto body = route.request.schema != nullptr ? body_of_request(request) : boost::json::value();
    Subjects subjects(*entry, services.projection);
    if (!path.empty() && route.pattern.starts_with("/api/v1/devices/{")) subjects.device(path[0]);
    if (!path.empty() && route.pattern.starts_with("/api/v1/customers/{")) subjects.customer(path[0]);
    if (!path.empty() && route.pattern.starts_with("/api/v1/folders/{")) subjects.folder(path[0]);
    subjects.look_into_ids(route.pattern, body);
    subjects.look_into(body);
    for (auto const& id : std::vector<std::string>(entry->devices))
        if (auto const row = services.projection.device(store::Scope::everything(), id))
            subjects.customer(row->customer_id);
    entry->detail = detail_of(request, std::move(body), subjects.left_out());
    return entry;
}

void Refusals::note(store::AuditEntry const& entry, std::string_view why)
{
    std::lock_guard const lock(mutex_);
    Key key{.actor_kind = entry.actor_kind,
            .actor_id = entry.actor_id,
            .actor_name = entry.actor_name,
            .remote = access::peer_key(entry.remote),
            .action = entry.action,
            .why = std::string(why)};
    if (!counts_.contains(key) && counts_.size() >= limits::refused_peers) key.remote = "others";
    auto& count = counts_[key];
    if (count.times++ == 0) count.first_ms = entry.at_ms;
    count.last_ms = entry.at_ms;
}

Refusals::Counts Refusals::take(UnixMs now_ms, bool all)
{
    std::lock_guard const lock(mutex_);
    auto const since = now_ms - taken_ms_;
    if (!all && since >= 0 && since < limits::refusals_every.count()) return {};
    taken_ms_ = now_ms;
    return std::exchange(counts_, {});
}

void Refusals::put_back(Counts const& counts)
{
    std::lock_guard const lock(mutex_);
    for (auto const& [key, count] : counts) {
        auto& now = counts_[key];
        now.last_ms = std::max(now.last_ms, count.last_ms);
        now.first_ms = count.first_ms;
        now.times += count.times;
    }
}

std::vector<store::AuditRow> rows_of(Refusals::Counts const& counts)
{
    std::vector<store::AuditRow> rows;
    for (auto const& [key, count] : counts)
        rows.push_back({.id = 0,
                        .at_ms = count.last_ms,
                        .actor_kind = key.actor_kind,
                        .actor_id = key.actor_id,
                        .actor_name = key.actor_name,
                        .via = {},
                        .remote = key.remote,
                        .action = key.action,
                        .detail = boost::json::serialize(
                            boost::json::object{{"times", count.times}, {"first_ms", count.first_ms}}),
                        .devices = {},
                        .customers = {},
                        .result = "refused: " + key.why,
                        .hash = {}});
    return rows;
}

} // namespace rollcall::api
