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

[[nodiscard]] ApiTokenRow shown_token(Services const& services, Call const& call, store::ApiToken const& token);
/// The folders of a limit, as far as who asks may see them.
[[nodiscard]] std::vector<FolderName> shown_folders(Services const& services, Call const& call,
                                                    store::Scope const& scope);
/// The problem names the word that is none.
[[nodiscard]] Outcome<access::Permissions> read_permissions(std::vector<std::string> const& words);
/// The problem names a folder that is none, or that who asks may not see.
[[nodiscard]] Outcome<store::Scope> read_scope(Services const& services, Call const& call, bool all,
                                               std::vector<std::string> const& customers,
                                               std::vector<std::string> const& folders);
/// 429 with Retry-After.
[[nodiscard]] Problem slowed_down(Call& call, std::int64_t seconds);

} // namespace rollcall::api
