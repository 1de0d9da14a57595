#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "common/core/result.hpp"

/// Contacts from a file of a spreadsheet. Pure; any bytes are safe.
namespace rollcall::api
{

/// A record of CSV, and where it begins.
struct CsvRecord {
    std::int64_t line{}; ///< From 1.
    std::vector<std::string> cells;
};

/// RFC 4180, with what spreadsheets make of it: a byte order mark, line ends of any system, and commas, semicolons or
/// tabs between the cells (what the first record has most of). Empty lines are left out. errc::bad_input names the
/// line; errc::limit_exceeded: more than limits::csv_records records, or cells than limits::csv_columns, or a longer
/// cell than limits::csv_cell_bytes.
[[nodiscard]] Result<std::vector<CsvRecord>> parse_csv(std::string_view text);

struct CsvContact {
    std::int64_t line{};
    store::Contact contact; ///< Without its device.
    std::string device;     ///< Its name, as the file says it.
    std::string wrong;      ///< Why this line cannot be a contact; "" = nothing is known against it.
};

/// The first record names the columns. errc::bad_input: it does not.
[[nodiscard]] Result<std::vector<CsvContact>> read_contacts(std::string_view csv);

} // namespace rollcall::api
