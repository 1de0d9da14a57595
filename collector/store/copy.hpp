#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "common/core/result.hpp"

namespace rollcall::store
{

/// What a database holds, for comparing it with its copy.
struct Contents {
    int schema = 0;
    std::map<std::string, std::int64_t> rows; ///< By table.
    bool operator==(Contents const&) const = default;
};

/// Copies the database of a store, which others may use and write to meanwhile, as it is at one moment into a new
/// file. Blocks: until the copy is on the disk.
Result<> copy_database(std::filesystem::path const& from, std::filesystem::path const& to);

/// Reads a database that nobody uses, from end to end: errc::corrupt with what is damaged, errc::conflict where it
/// needs a newer program. Changes nothing. Blocks: on the disk.
[[nodiscard]] Result<Contents> examine_database(std::filesystem::path const& file);

} // namespace rollcall::store
