#include "collector/store/audit.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/store/fold.hpp"
#include "collector/store/query.hpp"
#include "common/core/ids.hpp"

namespace rollcall::store
{

static std::shared_ptr<AuditEntry>& entry_of_thread()
{
    static thread_local std::shared_ptr<AuditEntry> entry;
    return entry;
}

AuditScope::AuditScope(std::shared_ptr<AuditEntry> entry)
    : before_(std::exchange(entry_of_thread(), std::move(entry)))
{
}

AuditScope::~AuditScope() { entry_of_thread() = std::move(before_); }

std::shared_ptr<AuditEntry> const& AuditScope::current() { return entry_of_thread(); }

template <class Ids>
static void add_missing(std::vector<std::string>& named, Ids const& ids)
{
    std::set<std::string_view> const known(named.begin(), named.end());
    std::vector<std::string> fresh;
    for (auto const& id : ids)
        if (!known.contains(id) && named.size() + fresh.size() < audit_subjects) fresh.push_back(id);
    named.insert(named.end(), fresh.begin(), fresh.end());
}

void AuditScope::concerns(std::set<std::string, std::less<>> const& devices,
                          std::set<std::string, std::less<>> const& customers)
{
    auto const& entry = current();
    if (!entry || entry->recorded) return;
    add_missing(entry->devices, devices);
    add_missing(entry->customers, customers);
}

static std::string list_text(std::vector<std::string> const& ids)
{
    boost::json::array list;
    for (auto const& id : ids)
        list.emplace_back(id);
    return boost::json::serialize(list);
}

static std::vector<std::string> list_from(std::string const& text)
{
    std::vector<std::string> ids;
    boost::system::error_code failure;
    auto const list = boost::json::parse(text, failure);
    if (failure || !list.is_array()) return ids;
    for (auto const& id : list.get_array())
        if (id.is_string()) ids.emplace_back(id.get_string());
    return ids;
}

/// Each part with its length in front, so that no two rows have the same bytes.
std::string audit_hash(AuditRow const& row, std::string_view previous)
{
    std::string bytes;
    auto const add = [&](std::string_view part) {
        bytes.append(std::to_string(part.size())).append(":").append(part).append(",");
    };
    add(previous);
    add(std::to_string(row.id));
    add(std::to_string(row.at_ms));
    for (auto const* const part :
         {&row.actor_kind, &row.actor_id, &row.actor_name, &row.via, &row.remote, &row.action, &row.detail})
        add(*part);
    add(list_text(row.devices));
    add(list_text(row.customers));
    add(row.result);
    return sha256_hex(bytes);
}

AuditRow row_of(AuditEntry const& entry, std::string result)
{
    return {.id = 0,
            .at_ms = entry.at_ms,
            .actor_kind = entry.actor_kind,
            .actor_id = entry.actor_id,
            .actor_name = entry.actor_name,
            .via = entry.via,
            .remote = entry.remote,
            .action = entry.action,
            .detail = entry.detail,
            .devices = entry.devices,
            .customers = entry.customers,
            .result = std::move(result),
            .hash = {}};
}

static Result<AuditRow> read_audit(sqlite::Statement& row)
{
    return AuditRow{.id = row.integer(0),
                    .at_ms = row.integer(1),
                    .actor_kind = row.text(2),
                    .actor_id = row.text(3),
                    .actor_name = row.text(4),
                    .via = row.text(5),
                    .remote = row.text(6),
                    .action = row.text(7),
                    .detail = row.text(8),
                    .devices = list_from(row.text(9)),
                    .customers = list_from(row.text(10)),
                    .result = row.text(11),
                    .hash = row.text(12)};
}

static Result<AuditHead> read_head(sqlite::Statement& row) { return AuditHead{row.integer(0), row.text(1)}; }

Result<> append_audit(sqlite::Database& db, AuditRow row)
{
    auto const head = audit_head(db);
    if (!head) return head.error();
    row.id = head->id + 1;
    row.hash = audit_hash(row, head->hash);
    static constexpr char sql[] = "INSERT INTO audit (id, at_ms, actor_kind, actor_id, actor_name, via, remote, "
                                  "action, detail, devices, customers, result, hash) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return execute(db, "append_audit", sql, row.id, row.at_ms, row.actor_kind, row.actor_id, row.actor_name, row.via,
                   row.remote, row.action, row.detail, list_text(row.devices), list_text(row.customers), row.result,
                   row.hash);
}

Result<AuditHead> audit_head(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
    auto const last = select_first<AuditHead>(db, "audit_head", sql, read_head);
    if (!last) return last.error();
    if (*last) return **last;
    auto const checkpoint = audit_checkpoint(db);
    if (!checkpoint) return checkpoint.error();
    if (*checkpoint) return AuditHead{(*checkpoint)->id, (*checkpoint)->hash};
    return AuditHead{};
}

Result<std::optional<AuditCheckpoint>> audit_checkpoint(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT through_id, hash, at_ms, signature FROM audit_checkpoint";
    auto const read = [](sqlite::Statement& row) -> Result<AuditCheckpoint> {
        return AuditCheckpoint{row.integer(0), row.text(1), row.integer(2), row.text(3)};
    };
    return select_first<AuditCheckpoint>(db, "audit_checkpoint", sql, read);
}

static bool is_for(AuditRow const& row, Scope const& scope)
{
    if (scope.all) return true;
    return !row.customers.empty() && std::ranges::all_of(row.customers, [&](auto const& id) { return scope.sees(id); });
}

static bool fits(AuditRow const& row, AuditWish const& wish)
{
    auto const has = [](std::vector<std::string> const& ids, std::string const& id) {
        return id.empty() || std::ranges::find(ids, id) != ids.end();
    };
    if (!wish.actor_id.empty() && row.actor_id != wish.actor_id) return false;
    if (!has(row.devices, wish.device_id) || !has(row.customers, wish.customer_id)) return false;
    if (wish.refused && *wish.refused != row.result.starts_with("refused")) return false;
    if (wish.from_ms && row.at_ms < *wish.from_ms) return false;
    if (wish.to_ms && row.at_ms >= *wish.to_ms) return false;
    if (wish.search.empty()) return true;
    return std::ranges::any_of(std::array{&row.actor_name, &row.action, &row.detail, &row.remote, &row.result},
                               [&](auto const* text) { return contains_folded(*text, wish.search); });
}

Result<AuditPage> audit_page(sqlite::Database& db, Scope const& scope, AuditWish const& wish)
{
    static constexpr char sql[] = "SELECT id, at_ms, actor_kind, actor_id, actor_name, via, remote, action, detail, "
                                  "devices, customers, result, hash FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?";
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), "audit_page");
    query->bind(wish.before > 0 ? wish.before : std::numeric_limits<std::int64_t>::max(), audit_looked_at);
    AuditPage page;
    std::int64_t last = 0;
    for (std::int64_t looked_at = 0;; ++looked_at) {
        auto const there = query->step();
        if (!there) return fail(there.error(), "audit_page");
        if (!*there) {
            // Perhaps there are more than one page looks at.
            if (looked_at == audit_looked_at) page.next = last;
            return page;
        }
        auto row = read_audit(*query);
        if (!row) return row.error();
        if (static_cast<std::int64_t>(page.rows.size()) == wish.limit) {
            page.next = last;
            return page;
        }
        last = row->id;
        if (is_for(*row, scope) && fits(*row, wish)) page.rows.push_back(*std::move(row));
    }
}

Result<std::vector<AuditRow>> audit_rows(sqlite::Database& db, std::int64_t after, std::int64_t count)
{
    static constexpr char sql[] = "SELECT id, at_ms, actor_kind, actor_id, actor_name, via, remote, action, detail, "
                                  "devices, customers, result, hash FROM audit WHERE id > ? ORDER BY id LIMIT ?";
    return select_all<AuditRow>(db, "audit_rows", sql, read_audit, after, count);
}

Result<std::optional<AuditHead>> audit_prunable(sqlite::Database& db, UnixMs before_ms)
{
    // Only from the beginning: a clock that was set back for a while holds up those behind it, and never tears a hole.
    static constexpr char sql[] = "SELECT id, hash FROM (SELECT id, hash, at_ms FROM audit ORDER BY id LIMIT ?) "
                                  "WHERE id < (SELECT coalesce(min(id), 9223372036854775807) FROM "
                                  "(SELECT id, at_ms FROM audit ORDER BY id LIMIT ?) WHERE at_ms >= ?) "
                                  "ORDER BY id DESC LIMIT 1";
    return select_first<AuditHead>(db, "audit_prunable", sql, read_head, audit_pruned_at_once, audit_pruned_at_once,
                                   before_ms);
}

Result<> prune_audit(sqlite::Database& db, AuditCheckpoint const& checkpoint)
{
    static constexpr char keep[] = "INSERT OR REPLACE INTO audit_checkpoint (id, through_id, hash, at_ms, signature) "
                                   "VALUES (1, ?, ?, ?, ?)";
    if (auto const kept =
            execute(db, "prune_audit", keep, checkpoint.id, checkpoint.hash, checkpoint.at_ms, checkpoint.signature);
        !kept)
        return kept.error();
    return execute(db, "prune_audit", "DELETE FROM audit WHERE id <= ?", checkpoint.id);
}

} // namespace rollcall::store
