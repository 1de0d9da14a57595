#pragma once

#include <span>

#include "common/sqlite/migrate.hpp"

namespace rollcall::store
{

/// The oldest schema number whose program may still use a file of this one: raise it only where an older program
/// would damage or misread the file.
inline constexpr int compatible_schema = 9;

/// Every migration, in order: schema/001_first.sql …, embedded at build time.
[[nodiscard]] std::span<sqlite::Migration const> migrations();

} // namespace rollcall::store
