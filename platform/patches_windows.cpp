#include "platform/patches.hpp"

#include <chrono>

#include "platform/windows/update_searcher.hpp"

#include <wuapi.h>

namespace rollcall::platform
{

namespace
{

/// A first search takes minutes; the probe's own limit (common/wire/catalogue.cpp) is a little longer.
constexpr std::chrono::milliseconds search_limit = std::chrono::seconds(285);

} // namespace

std::unique_ptr<Patches> make_patches(Root const& /*root*/)
{
    return make_update_patches(__uuidof(UpdateSession), search_limit);
}

} // namespace rollcall::platform
