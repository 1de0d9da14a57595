#include <algorithm>
#include <iterator>

#include "collector/store/query.hpp"
#include "collector/store/scope_text.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

// --- scopes ----------------------------------------------------------------------------------------------------------

bool Scope::sees(std::string_view customer_id, std::string_view folder_id) const
{
    if (sees(customer_id)) return true;
    auto const found = folders.find(customer_id);
    return found != folders.end() && found->second.contains(folder_id);
}

bool Scope::sees_some_of(std::string_view customer_id) const
{
    return sees(customer_id) || folders.contains(customer_id);
}

bool Scope::covers(Scope const& other) const
{
    if (all) return true;
    if (other.all || !std::ranges::includes(customers, other.customers)) return false;
    return std::ranges::all_of(other.folders, [&](auto const& of_customer) {
        return std::ranges::all_of(of_customer.second, [&](auto const& id) { return sees(of_customer.first, id); });
    });
}

bool Scope::meets(Scope const& other) const
{
    if (all || other.all) return true;
    auto const common = both(*this, other);
    return !common.customers.empty() || !common.folders.empty();
}

Scope Scope::both(Scope const& one, Scope const& other)
{
    if (one.all) return other;
    if (other.all) return one;
    Scope made;
    std::ranges::set_intersection(one.customers, other.customers, std::inserter(made.customers, made.customers.end()));
    auto const add_folders = [&made](Scope const& given, Scope const& limit) {
        for (auto const& [customer_id, ids] : given.folders)
            for (auto const& id : ids)
                if (limit.sees(customer_id, id)) made.folders[customer_id].insert(id);
    };
    add_folders(one, other);
    add_folders(other, one);
    return made;
}

/// The next word; "" = there is none any more.
static std::string_view take_word(std::string_view& text)
{
    auto const end = text.find(' ');
    auto const word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return word;
}

Scope scope_from(bool all, std::string_view customers, std::string_view folders)
{
    Scope scope{.all = all, .customers = {}};
    while (!customers.empty())
        scope.customers.emplace(take_word(customers));
    while (!folders.empty()) {
        auto const customer_id = take_word(folders);
        scope.folders[std::string(customer_id)].emplace(take_word(folders));
    }
    return scope;
}

std::string customers_text(Scope const& scope)
{
    std::string text;
    if (scope.all) return text;
    for (auto const& id : scope.customers)
        text.append(text.empty() ? "" : " ").append(id);
    return text;
}

// --- roles -----------------------------------------------------------------------------------------------------------

static Result<Role> read_role(sqlite::Statement& row)
{
    return Role{.id = row.text(0),
                .name = row.text(1),
                .permissions = row.text(2),
                .totp_required = row.integer(3) != 0,
                .version = row.integer(4),
                .created_ms = row.integer(5)};
}

Result<> save_role(sqlite::Database& db, Role const& role)
{
    static constexpr char sql[] = "INSERT INTO role (id, name, permissions, totp_required, version, created_ms) "
                                  "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                                  "permissions = excluded.permissions, totp_required = excluded.totp_required, "
                                  "version = excluded.version";
    return execute(db, "save_role", sql, role.id, role.name, role.permissions, role.totp_required ? 1 : 0, role.version,
                   role.created_ms);
}

Result<std::optional<Role>> find_role(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, name, permissions, totp_required, version, created_ms FROM role "
                                  "WHERE id = ?";
    return select_first<Role>(db, "find_role", sql, read_role, id);
}

Result<std::vector<Role>> all_roles(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, name, permissions, totp_required, version, created_ms FROM role "
                                  "ORDER BY name COLLATE NOCASE";
    return select_all<Role>(db, "all_roles", sql, read_role);
}

Result<> delete_role(sqlite::Database& db, std::string_view id)
{
    return execute(db, "delete_role", "DELETE FROM role WHERE id = ?", id);
}

// --- recovery codes --------------------------------------------------------------------------------------------------

Result<> set_recovery_codes(sqlite::Database& db, std::string_view technician_id,
                            std::vector<std::string> const& code_sha256s)
{
    static constexpr char clear[] = "DELETE FROM recovery_code WHERE technician_id = ?";
    if (auto const cleared = execute(db, "set_recovery_codes", clear, technician_id); !cleared) return cleared.error();
    static constexpr char sql[] = "INSERT INTO recovery_code (technician_id, code_sha256) VALUES (?, ?)";
    for (auto const& code : code_sha256s)
        if (auto const added = execute(db, "set_recovery_codes", sql, technician_id, code); !added)
            return added.error();
    return {};
}

Result<bool> use_recovery_code(sqlite::Database& db, std::string_view technician_id, std::string_view code_sha256)
{
    static constexpr char sql[] = "DELETE FROM recovery_code WHERE technician_id = ? AND code_sha256 = ?";
    if (auto const used = execute(db, "use_recovery_code", sql, technician_id, code_sha256); !used) return used.error();
    return db.changes() > 0;
}

Result<std::int64_t> count_recovery_codes(sqlite::Database& db, std::string_view technician_id)
{
    static constexpr char sql[] = "SELECT count(*) FROM recovery_code WHERE technician_id = ?";
    auto const count = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };
    auto const found = select_first<std::int64_t>(db, "count_recovery_codes", sql, count, technician_id);
    if (!found) return found.error();
    return found->value_or(0);
}

// --- tokens of programs ----------------------------------------------------------------------------------------------

static constexpr std::string_view select_api_token =
    "SELECT id, technician_id, name, secret_sha256, permissions, all_customers, customers, created_ms, expires_ms, "
    "used_ms, (SELECT group_concat(f.customer_id || ' ' || f.id, ' ') FROM api_token_folder AS a "
    "JOIN folder AS f ON f.id = a.folder_id WHERE a.api_token_id = api_token.id) FROM api_token WHERE ";

static Result<ApiToken> read_api_token(sqlite::Statement& row)
{
    return ApiToken{.id = row.text(0),
                    .technician_id = row.text(1),
                    .name = row.text(2),
                    .secret_sha256 = row.text(3),
                    .permissions = row.text(4),
                    .scope = scope_from(row.integer(5) != 0, row.text(6), row.text(10)),
                    .created_ms = row.integer(7),
                    .expires_ms = row.integer(8),
                    .used_ms = row.optional_integer(9)};
}

Result<> add_api_token(sqlite::Database& db, ApiToken const& token)
{
    static constexpr char sql[] = "INSERT INTO api_token (id, technician_id, name, secret_sha256, permissions, "
                                  "all_customers, customers, created_ms, expires_ms, used_ms) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    auto added = execute(db, "add_api_token", sql, token.id, token.technician_id, token.name, token.secret_sha256,
                         token.permissions, token.scope.all ? 1 : 0, customers_text(token.scope), token.created_ms,
                         token.expires_ms, token.used_ms);
    static constexpr char limit[] = "INSERT INTO api_token_folder (api_token_id, folder_id) VALUES (?, ?)";
    for (auto const& [customer_id, ids] : token.scope.folders)
        for (auto const& id : ids)
            if (added) added = execute(db, "add_api_token", limit, token.id, id);
    return added;
}

Result<std::optional<ApiToken>> find_api_token(sqlite::Database& db, std::string_view id)
{
    return select_first<ApiToken>(db, "find_api_token", std::string(select_api_token).append("id = ?"), read_api_token,
                                  id);
}

Result<std::optional<ApiToken>> find_api_token_by_secret(sqlite::Database& db, std::string_view secret_sha256)
{
    return select_first<ApiToken>(db, "find_api_token_by_secret",
                                  std::string(select_api_token).append("secret_sha256 = ?"), read_api_token,
                                  secret_sha256);
}

Result<std::vector<ApiToken>> api_tokens_of(sqlite::Database& db, std::string_view technician_id)
{
    return select_all<ApiToken>(db, "api_tokens_of",
                                std::string(select_api_token).append("technician_id = ? ORDER BY created_ms DESC, id"),
                                read_api_token, technician_id);
}

Result<> touch_api_token(sqlite::Database& db, std::string_view id, UnixMs used_ms)
{
    return execute(db, "touch_api_token", "UPDATE api_token SET used_ms = ? WHERE id = ?", used_ms, id);
}

Result<> delete_api_token(sqlite::Database& db, std::string_view id)
{
    return execute(db, "delete_api_token", "DELETE FROM api_token WHERE id = ?", id);
}

// --- answers to writes that may be repeated --------------------------------------------------------------------------

Result<std::optional<KeptAnswer>> find_kept_answer(sqlite::Database& db, std::string_view key_sha256)
{
    static constexpr char sql[] = "SELECT request_sha256, status, answer FROM idempotency WHERE key_sha256 = ?";
    auto const read = [](sqlite::Statement& row) -> Result<KeptAnswer> {
        return KeptAnswer{.request_sha256 = row.text(0), .status = row.integer(1), .answer = row.text(2)};
    };
    return select_first<KeptAnswer>(db, "find_kept_answer", sql, read, key_sha256);
}

Result<> begin_kept_answer(sqlite::Database& db, std::string_view key_sha256, std::string_view request_sha256,
                           UnixMs at_ms)
{
    static constexpr char sql[] = "INSERT INTO idempotency (key_sha256, request_sha256, at_ms, status, answer) "
                                  "VALUES (?, ?, ?, 0, '')";
    return execute(db, "begin_kept_answer", sql, key_sha256, request_sha256, at_ms);
}

Result<> finish_kept_answer(sqlite::Database& db, std::string_view key_sha256, std::int64_t status,
                            std::string_view answer)
{
    static constexpr char sql[] = "UPDATE idempotency SET status = ?, answer = ? WHERE key_sha256 = ?";
    return execute(db, "finish_kept_answer", sql, status, answer, key_sha256);
}

Result<> forget_kept_answer(sqlite::Database& db, std::string_view key_sha256)
{
    return execute(db, "forget_kept_answer", "DELETE FROM idempotency WHERE key_sha256 = ?", key_sha256);
}

Result<> delete_idempotency(sqlite::Database& db, UnixMs before_ms)
{
    return execute(db, "delete_idempotency", "DELETE FROM idempotency WHERE at_ms < ?", before_ms);
}

} // namespace rollcall::store
