#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json/object.hpp>

#include "collector/view/api/resources.hpp"
#include "common/core/clock.hpp"

/// What the API shows of technicians, roles, sessions and tokens: as resources.hpp, which tells the rules.
namespace rollcall::api
{

/// A code of the second step, or a recovery code.
struct Code {
    std::string code;
};
BOOST_DESCRIBE_STRUCT(Code, (), (code))

struct TotpSetUp {
    static constexpr std::string_view about =
        "The secret of a second step, shown once: for the program on the phone, which makes six digits every 30 s "
        "(RFC 6238). uri is what a QR code of it holds. It counts once a code of it was confirmed.";
    std::string secret;
    std::string uri;
};
BOOST_DESCRIBE_STRUCT(TotpSetUp, (), (secret, uri))

/// The only time they are shown; each is good once.
struct RecoveryCodes {
    std::vector<std::string> codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodes, (), (codes))

struct SecurityState {
    bool has_totp{};
    bool totp_required{}; ///< By one's role.
    std::int64_t recovery_codes_left{};
};
BOOST_DESCRIBE_STRUCT(SecurityState, (), (has_totp, totp_required, recovery_codes_left))

struct SessionRow {
    std::string id;
    UnixMs created_ms{};
    UnixMs used_ms{};
    UnixMs expires_ms{};
    std::string remote;  ///< Address that it was begun from.
    std::string program; ///< What that said it is.
    bool current{};      ///< The one that asks.
    bool awaits_code{};
};
BOOST_DESCRIBE_STRUCT(SessionRow, (), (id, created_ms, used_ms, expires_ms, remote, program, current, awaits_code))

struct SessionList {
    std::vector<SessionRow> items; ///< Newest first.
};
BOOST_DESCRIBE_STRUCT(SessionList, (), (items))

struct NewApiToken {
    std::string name;
    std::vector<std::string> permissions;
    bool all_customers{};
    std::vector<std::string> customers; ///< Ids; counts where all_customers is false.
    std::vector<std::string> folders;   ///< Likewise: of customers that are not named, with what lies in them.
    std::int64_t expires_in_s{};
};
BOOST_DESCRIBE_STRUCT(NewApiToken, (), (name, permissions, all_customers, customers, folders, expires_in_s))

struct ApiTokenRow {
    static constexpr std::string_view about =
        "What a program sends as 'Authorization: Bearer rc_…' instead of a session. It may never do more than its "
        "technician may at that moment; all_customers means all that he sees.";
    std::string id;
    std::string name;
    std::vector<std::string> permissions;
    bool all_customers{};
    std::vector<std::string> customers;
    std::vector<FolderName> folders;
    UnixMs created_ms{};
    UnixMs expires_ms{};
    std::optional<UnixMs> used_ms;
};
BOOST_DESCRIBE_STRUCT(ApiTokenRow, (),
                      (id, name, permissions, all_customers, customers, folders, created_ms, expires_ms, used_ms))

struct ApiTokenList {
    std::vector<ApiTokenRow> items; ///< Newest first.
};
BOOST_DESCRIBE_STRUCT(ApiTokenList, (), (items))

/// The only time the secret is shown.
struct ApiTokenMade {
    ApiTokenRow token;
    std::string secret;
};
BOOST_DESCRIBE_STRUCT(ApiTokenMade, (), (token, secret))

struct TechnicianRow {
    static constexpr std::string_view about =
        "Somebody who may log in. He sees all customers, or those that are named, and of others the folders that are "
        "named with all that lies in them, also what is made there later. Where neither is named he sees nothing; a "
        "folder that is deleted is named no more.";
    std::string id;
    std::string name;
    std::string role_id;
    std::string role_name;
    bool all_customers{};
    std::vector<std::string> customers; ///< Ids; empty where all_customers is true.
    std::vector<FolderName> folders;    ///< Likewise.
    bool disabled{};
    bool has_totp{};
    bool must_change_password{};
    UnixMs created_ms{};
    std::int64_t version{}; ///< To be given back with a change.
};
BOOST_DESCRIBE_STRUCT(TechnicianRow, (),
                      (id, name, role_id, role_name, all_customers, customers, folders, disabled, has_totp,
                       must_change_password, created_ms, version))

struct TechnicianList {
    std::vector<TechnicianRow> items; ///< By name: those who see no more customers than the asker.
};
BOOST_DESCRIBE_STRUCT(TechnicianList, (), (items))

struct NewTechnician {
    std::string name;
    std::string role_id;
    bool all_customers{};
    std::vector<std::string> customers;
    std::vector<std::string> folders; ///< Ids.
};
BOOST_DESCRIBE_STRUCT(NewTechnician, (), (name, role_id, all_customers, customers, folders))

struct TechnicianChange {
    std::string name;
    std::string role_id;
    bool all_customers{};
    std::vector<std::string> customers;
    std::vector<std::string> folders; ///< Ids.
    bool disabled{};
    std::int64_t version{}; ///< That was read: 409 where somebody else has changed it since.
};
BOOST_DESCRIBE_STRUCT(TechnicianChange, (), (name, role_id, all_customers, customers, folders, disabled, version))

/// The only time the first password is shown; it is valid for a day.
struct TechnicianMade {
    TechnicianRow technician;
    std::string first_password;
};
BOOST_DESCRIBE_STRUCT(TechnicianMade, (), (technician, first_password))

struct PermissionRow {
    std::string word;
    std::string meaning;
    bool reads{}; ///< Changes nothing.
};
BOOST_DESCRIBE_STRUCT(PermissionRow, (), (word, meaning, reads))

struct RoleRow {
    std::string id;
    std::string name;
    bool built_in{};
    std::vector<std::string> permissions;
    bool totp_required{};
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(RoleRow, (), (id, name, built_in, permissions, totp_required, version))

struct RoleList {
    std::vector<RoleRow> items;
    std::vector<PermissionRow> permissions; ///< All there are.
};
BOOST_DESCRIBE_STRUCT(RoleList, (), (items, permissions))

struct RoleChange {
    std::string name;
    std::vector<std::string> permissions;
    bool totp_required{};
    std::int64_t version{}; ///< Of a new one 0.
};
BOOST_DESCRIBE_STRUCT(RoleChange, (), (name, permissions, totp_required, version))

struct AuditRow {
    static constexpr std::string_view about =
        "One thing that was done or refused. actor_kind: technician, program (with a token), machine (that enrols), "
        "command_line or stranger; of strangers many refusals are one row, and detail says how many times. via: id of "
        "the session or token. result: 'done', or 'refused' and why. hash: over this row and the hash of the one "
        "before.";
    std::int64_t id{};
    UnixMs at_ms{};
    std::string actor_kind;
    std::string actor_id;
    std::string actor_name;
    std::string via;
    std::string remote;
    std::string action;
    boost::json::object detail;
    std::vector<std::string> devices;
    std::vector<std::string> customers;
    std::string result;
    std::string hash;
};
BOOST_DESCRIBE_STRUCT(AuditRow, (),
                      (id, at_ms, actor_kind, actor_id, actor_name, via, remote, action, detail, devices, customers,
                       result, hash))

struct AuditList {
    std::vector<AuditRow> items; ///< Newest first.
    std::int64_t next{};         ///< To be given as `before`; 0 = there is nothing older.
};
BOOST_DESCRIBE_STRUCT(AuditList, (), (items, next))

} // namespace rollcall::api
