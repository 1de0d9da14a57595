#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<EnrolmentToken> read_token(sqlite::Statement& row)
{
    return EnrolmentToken{.id = row.text(0),
                          .customer_id = row.text(1),
                          .secret_sha256 = row.text(2),
                          .created_ms = row.integer(3),
                          .expires_ms = row.integer(4),
                          .uses = row.integer(5),
                          .uses_left = row.integer(6),
                          .revoked_ms = row.optional_integer(7)};
}

Result<> add_token(sqlite::Database& db, EnrolmentToken const& token)
{
    static constexpr char sql[] = "INSERT INTO enrolment_token (id, customer_id, secret_sha256, created_ms, "
                                  "expires_ms, uses, uses_left, revoked_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    return execute(db, "add_token", sql, token.id, token.customer_id, token.secret_sha256, token.created_ms,
                   token.expires_ms, token.uses, token.uses_left, token.revoked_ms);
}

Result<std::optional<EnrolmentToken>> find_token(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, customer_id, secret_sha256, created_ms, expires_ms, uses, uses_left, "
                                  "revoked_ms FROM enrolment_token WHERE id = ?";
    return select_first<EnrolmentToken>(db, "find_token", sql, read_token, id);
}

Result<std::optional<EnrolmentToken>> find_token_by_secret(sqlite::Database& db, std::string_view secret_sha256)
{
    static constexpr char sql[] = "SELECT id, customer_id, secret_sha256, created_ms, expires_ms, uses, uses_left, "
                                  "revoked_ms FROM enrolment_token WHERE secret_sha256 = ?";
    return select_first<EnrolmentToken>(db, "find_token_by_secret", sql, read_token, secret_sha256);
}

Result<std::vector<EnrolmentToken>> tokens_of(sqlite::Database& db, std::string_view customer_id)
{
    static constexpr char sql[] = "SELECT id, customer_id, secret_sha256, created_ms, expires_ms, uses, uses_left, "
                                  "revoked_ms FROM enrolment_token WHERE customer_id = ? "
                                  "ORDER BY created_ms DESC, id DESC";
    return select_all<EnrolmentToken>(db, "tokens_of", sql, read_token, customer_id);
}

Result<std::vector<std::pair<std::string, std::string>>> devices_of_token(sqlite::Database& db, std::string_view id)
{
    using Pair = std::pair<std::string, std::string>;
    static constexpr char sql[] = "SELECT id, iif(assigned_name = '', name, assigned_name) FROM device "
                                  "WHERE token_id = ? AND purged_ms IS NULL ORDER BY enrolled_ms, id";
    auto const pair = [](sqlite::Statement& row) -> Result<Pair> { return Pair(row.text(0), row.text(1)); };
    return select_all<Pair>(db, "devices_of_token", sql, pair, id);
}

Result<> use_token(sqlite::Database& db, std::string_view id, UnixMs now_ms)
{
    auto const token = find_token(db, id);
    if (!token) return fail(token.error(), "use_token");
    if (!*token) return fail(errc::not_found, "use_token: there is no such token");
    if ((*token)->revoked_ms) return fail(errc::refused, "the token has been revoked");
    if ((*token)->expires_ms <= now_ms) return fail(errc::refused, "the token has expired");
    if ((*token)->uses_left <= 0) return fail(errc::refused, "the token is used up");
    static constexpr char sql[] = "UPDATE enrolment_token SET uses_left = uses_left - 1 WHERE id = ?";
    return execute(db, "use_token", sql, id);
}

Result<> revoke_token(sqlite::Database& db, std::string_view id, UnixMs now_ms)
{
    static constexpr char sql[] = "UPDATE enrolment_token SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?";
    return execute(db, "revoke_token", sql, now_ms, id);
}

} // namespace rollcall::store
