#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::store
{

/// What could be read of one table.
struct SavedTable {
    std::int64_t rows = 0;
    bool whole = false;    ///< Nothing was in the way, and every row found its place.
    std::int64_t made = 0; ///< In place of lost rows that saved ones belong to.
    bool operator==(SavedTable const&) const = default;
};

/// Makes the database `to`, which must not be there yet, of everything in `from` that can still be read: of each table
/// the rows from its front and from its back up to the damage. What that means for the devices is noted: lost events
/// and readings become a `gap` ("store_damaged", which only bounds them) per device, lost state rows are asked for
/// again. A device
/// whose customer or token is lost gets one that is made for it. `from` is not changed. errc::corrupt: nothing of it
/// can be read. By table. Blocks: on the disk, in proportion to the database.
Result<std::map<std::string, SavedTable>> salvage_database(std::filesystem::path const& from,
                                                           std::filesystem::path const& to, UnixMs now_ms);

} // namespace rollcall::store
