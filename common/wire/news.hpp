#pragma once

#include <string_view>

#include "common/core/value.hpp"
#include "common/wire/catalogue.hpp"

/// What of a change a person wants to be told, by what the catalogue declares. Pure.
namespace rollcall::wire
{

/// Is it told that this cell became another one? Not where either is unknown, for then nobody knows what changed; nor
/// of a column that changes by itself all the time, or that is not declared here.
[[nodiscard]] bool is_news(Probe const& probe, std::string_view column, Row const& before, Row const& after);
/// Is it told that this row became another one?
[[nodiscard]] bool is_news(Probe const& probe, Row const& before, Row const& after);

} // namespace rollcall::wire
