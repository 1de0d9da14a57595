#pragma once

#include "collector/view/api/filters.hpp"
#include "collector/view/api/router.hpp"

/// What the lists and their CSV have in common: the same questions with the same parameters.
namespace rollcall::api
{

/// Everything that says which lines, and in which order; not where a page begins.
[[nodiscard]] std::vector<Parameter> device_list_parameters();
[[nodiscard]] std::vector<Parameter> alert_list_parameters();
/// The problem names the permission that a choice by alerts needs.
[[nodiscard]] Outcome<view::DeviceQuery> device_query(Call const& call);
[[nodiscard]] view::AlertQuery alert_query(Arguments const& given);
/// As an answer that has nothing else; limits::list_ids of them at most.
[[nodiscard]] Outcome<IdList> as_answer(view::Projection::Ids found, UnixMs now_ms);

} // namespace rollcall::api
