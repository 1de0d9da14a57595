#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/access/access.hpp"
#include "collector/store/records.hpp"
#include "collector/view/api/access_resources.hpp"
#include "collector/view/api/router.hpp"

/// What the files of technicians, roles and accounts share.
namespace rollcall::api
{

[[nodiscard]] ApiTokenRow shown_token(store::ApiToken const& token);
/// The problem names the word that is none.
[[nodiscard]] Outcome<access::Permissions> read_permissions(std::vector<std::string> const& words);
[[nodiscard]] store::Scope read_scope(bool all, std::vector<std::string> const& customers);
/// 429 with Retry-After.
[[nodiscard]] Problem slowed_down(Call& call, std::int64_t seconds);

} // namespace rollcall::api
