#pragma once

#include <string>
#include <string_view>

#include "collector/store/records.hpp"

/// How a scope stands in the database: whether all, the ids of customers with blanks between them, and folders in a
/// table of their own, from which each comes with its customer in front.
namespace rollcall::store
{

[[nodiscard]] Scope scope_from(bool all, std::string_view customers, std::string_view folders);
/// "" where it sees all.
[[nodiscard]] std::string customers_text(Scope const& scope);

} // namespace rollcall::store
