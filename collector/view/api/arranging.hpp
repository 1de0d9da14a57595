#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "collector/view/api/router.hpp"

/// What the routes share by which people arrange folders, devices, customers and contacts.
namespace rollcall::api
{

/// Done by the backend within the scope of who asks.
template <class Wish>
[[nodiscard]] Outcome<Ordered> organise(Services& services, Call const& call, Wish wish)
{
    auto const& technician = call.identity->technician;
    return services.backend.organise({.scope = call.scope(),
                                      .technician_id = technician.id,
                                      .technician = technician.name,
                                      .what = std::move(wish)});
}

/// Whose favourites are meant.
[[nodiscard]] inline std::string const& asker(Call const& call) { return call.identity->technician.id; }

/// A refusal; where somebody has edited the thing meanwhile, with what it is now (`look` reads it, if it is there).
template <class Look>
[[nodiscard]] Problem refusal(Problem problem, Look const& look)
{
    if (problem.status != 409 || problem.field != "version") return problem;
    if (auto const now = look()) problem.current = to_json(*now).as_object();
    return problem;
}

} // namespace rollcall::api
