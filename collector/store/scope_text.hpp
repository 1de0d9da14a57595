#pragma once

#include <string>
#include <string_view>

#include "collector/store/records.hpp"

/// How a scope stands in the database: whether all, and the ids with blanks between them.
namespace rollcall::store
{

[[nodiscard]] Scope scope_from(bool all, std::string_view customers);
/// "" where it sees all.
[[nodiscard]] std::string customers_text(Scope const& scope);

} // namespace rollcall::store
