#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "collector/store/salvage.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// A backup is a folder (0700) with a copy of the database, the keys, and manifest.json, which says what belongs to it
/// and is written last: without it the folder is no backup. README.md of this folder tells how to use them.
///
/// Errors are sentences for the person at the terminal.
/// Threads: any.  Blocks: on the disk, in proportion to the database.
namespace rollcall::collector
{

/// What a whole backup holds.
struct Backup {
    UnixMs taken_ms = 0; ///< Everything committed before is in it.
    int schema = 0;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
};

/// For people: "taken 2026-11-22T08:00:00Z, schema 1, 1234 rows, 56789 bytes".
[[nodiscard]] std::string to_string(Backup const& backup);

/// Copies a data folder into a new folder, beside a running collector or without one; the database as it is at one
/// moment. The copy has been verified when it returns. Where it fails, nothing is left behind.
Result<Backup> back_up(std::filesystem::path const& data, std::filesystem::path const& target, Clock const& clock);

/// Reads a backup from end to end and changes nothing: the files' hashes, the pages, indices and foreign keys of the
/// database, its rows against the manifest, keys against certificates, and whether this program can use it.
[[nodiscard]] Result<Backup> verify_backup(std::filesystem::path const& backup);

/// Makes a data folder of a backup, which is verified first. errc::conflict where a collector uses that folder or
/// something is in it. A collector refuses a folder whose restore was cut off.
Result<Backup> restore_backup(std::filesystem::path const& backup, std::filesystem::path const& data);

/// What could be read of a damaged database.
struct Salvaged {
    std::map<std::string, store::SavedTable> tables;
};

/// For people, a line for each table: "event: 1234 rows", "event: 1234 rows, others are lost",
/// "customer: 3 rows, others are lost, 2 made in the place of lost ones".
[[nodiscard]] std::string to_string(Salvaged const& salvaged);

/// Makes a data folder of one whose database is damaged, with everything in it that can still be read; that one stays
/// as it is. For where there is no backup. errc::conflict as restore_backup.
Result<Salvaged> salvage(std::filesystem::path const& damaged, std::filesystem::path const& data, Clock const& clock);

} // namespace rollcall::collector
