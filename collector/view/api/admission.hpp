#pragma once

#include <optional>
#include <string_view>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/view/api/problem.hpp"
#include "collector/view/api/router.hpp"

namespace rollcall::api
{

/// What is asked of whoever comes to one route.
struct Entrance {
    Guard guard{};
    Needs needs;
    bool from_own_page = false; ///< Browsers say where they come from: nobody else's page may use the cookie.
    bool csrf = false;          ///< The session's token must be there, too.
};

/// Who it is, and why he is not let in.
struct Admission {
    std::optional<access::Identity> identity; ///< nullopt: nobody knows, or everybody may come.
    std::optional<Problem> refusal;
};

/// The one place that decides who comes in: a person by his cookie, a program by its token. Blocks (SQLite): pool
/// threads only.
[[nodiscard]] Admission admit(access::Access& access, Entrance const& entrance, gateway::HttpRequest const& request);

/// The same question again, asked by the writer within the transaction of what is written for whom was admitted: a
/// right that was taken away while the write waited counts no more. nullopt: all is as it was.
[[nodiscard]] Result<std::optional<Problem>> judge_again(sqlite::Database& db, Entrance const& entrance,
                                                         access::Identity const& identity, UnixMs now_ms);

/// What stands behind "Authorization: Bearer"; nullopt: there is no such header. Pure.
[[nodiscard]] std::optional<std::string_view> bearer_of(gateway::HttpRequest const& request);

/// The refusal of somebody else, in the API's words.
[[nodiscard]] Problem from_refusal(access::Refusal refusal);

} // namespace rollcall::api
