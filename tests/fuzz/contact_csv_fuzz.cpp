#include "collector/view/api/contact_csv.hpp"
#include "collector/view/api/limits.hpp"
#include "tests/fuzz/fuzz.hpp"

/// A file of contacts from anybody's spreadsheet.
FUZZ_TARGET(bytes)
{
    using namespace rollcall;
    static_cast<void>(api::read_contacts(bytes));
    auto const records = api::parse_csv(bytes);
    if (!records) return;
    fuzz::require(records->size() <= api::limits::csv_records, "so many lines and no more");
    std::string again;
    for (auto const& record : *records) {
        fuzz::require(!record.cells.empty() && record.cells.size() <= api::limits::csv_columns, "so many cells");
        for (auto const& cell : record.cells) {
            fuzz::require(cell.size() <= api::limits::csv_cell_bytes, "so many bytes");
            if (&cell != &record.cells.front()) again.push_back(',');
            again.push_back('"');
            for (char const c : cell)
                again.append(c == '"' ? 2 : 1, c);
            again.push_back('"');
        }
        again.push_back('\n');
    }
    // A single cell says nothing of what stands between cells, and an empty file is as good as none.
    if (records->empty() || records->front().cells.size() < 2) return;
    auto const second = api::parse_csv(again);
    fuzz::require(second && second->size() == records->size(), "what was read survives being written");
    for (std::size_t i = 0; i < records->size(); ++i)
        fuzz::require((*second)[i].cells == (*records)[i].cells, "every cell survives");
}
