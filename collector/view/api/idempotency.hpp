#pragma once

#include <functional>
#include <optional>
#include <string>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/store/store.hpp"
#include "common/core/clock.hpp"

/// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a write that is sent again, since its answer got lost,
/// is answered as the first time and not done again.
namespace rollcall::api
{

/// Runs `work` unless the same person or program has sent this key with this very request before; then what was
/// answered is answered again. Answers rest sealed, since some hold secrets. Blocks: as `work`, and on the store.
[[nodiscard]] gateway::HttpResponse once(store::Store& store, access::Access& access, Clock const& clock,
                                         access::Identity const& who, gateway::HttpRequest const& request,
                                         std::function<gateway::HttpResponse()> const& work);

} // namespace rollcall::api
