#include "collector/view/api/contact_csv.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "collector/store/fold.hpp"
#include "collector/view/api/limits.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

namespace
{

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What stands between the cells: of the candidates the one that the first line has most of, outside quotes.
char separator_of(std::string_view text)
{
    static constexpr std::array candidates{',', ';', '\t'};
    std::array<std::size_t, candidates.size()> counts{};
    bool quoted = false;
    for (char const c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        for (std::size_t i = 0; i < candidates.size(); ++i)
            counts[i] += c == candidates[i] ? 1 : 0;
    }
    return candidates[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

/// Reads one cell after the other.
class Reader
{
public:
    explicit Reader(std::string_view text)
        : rest_(text)
        , separator_(separator_of(text))
    {
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    Result<CsvRecord> record()
    {
        CsvRecord record{.line = line_, .cells = {}};
        for (;;) {
            if (record.cells.size() >= limits::csv_columns)
                return fail(errc::limit_exceeded,
                            fmt::format("line {} has more than {} cells", record.line, limits::csv_columns));
            auto cell = take_cell();
            if (!cell) return cell.error();
            record.cells.push_back(*std::move(cell));
            if (rest_.empty()) return record;
            if (take(separator_)) continue;
            end_line();
            return record;
        }
    }

private:
    bool take(char c)
    {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void end_line()
    {
        bool const returned = take('\r');
        static_cast<void>(take('\n') || returned);
        ++line_;
    }

    Result<std::string> take_cell()
    {
        if (take('"')) return take_quoted();
        auto const end = rest_.find_first_of(std::string({separator_, '\r', '\n'}));
        std::string cell(rest_.substr(0, end));
        rest_.remove_prefix(cell.size());
        return checked(std::move(cell));
    }

    Result<std::string> take_quoted()
    {
        auto const began = line_;
        std::string cell;
        while (!rest_.empty()) {
            char const c = rest_.front();
            rest_.remove_prefix(1);
            if (c != '"') {
                line_ += c == '\n' ? 1 : 0;
                cell.push_back(c);
                continue;
            }
            if (take('"')) {
                cell.push_back('"');
                continue;
            }
            if (rest_.empty() || rest_.front() == separator_ || rest_.front() == '\r' || rest_.front() == '\n')
                return checked(std::move(cell));
            return fail(errc::bad_input, fmt::format("line {}: something stands behind a closing quote", line_));
        }
        return fail(errc::bad_input, fmt::format("line {}: a quote is not closed", began));
    }

    [[nodiscard]] Result<std::string> checked(std::string cell) const
    {
        if (cell.size() <= limits::csv_cell_bytes) return cell;
        return fail(errc::limit_exceeded,
                    fmt::format("line {}: a cell is longer than {} bytes", line_, limits::csv_cell_bytes));
    }

    std::string_view rest_;
    char separator_;
    std::int64_t line_ = 1;
};

enum class Column { name, job_title, email, phone, mobile, device, status };

/// "E-mail address" is email, whatever the case.
std::optional<Column> column_of(std::string_view head)
{
    static constexpr std::pair<std::string_view, Column> words[] = {
        {"name", Column::name},           {"fullname", Column::name},      {"contact", Column::name},
        {"jobtitle", Column::job_title},  {"title", Column::job_title},    {"position", Column::job_title},
        {"email", Column::email},         {"emailaddress", Column::email}, {"phone", Column::phone},
        {"phonenumber", Column::phone},   {"mobile", Column::mobile},      {"mobilephone", Column::mobile},
        {"mobilenumber", Column::mobile}, {"device", Column::device},      {"devicename", Column::device},
        {"status", Column::status},
    };
    std::string letters;
    for (char const c : store::fold(head))
        if (c != ' ' && c != '_' && c != '-') letters.push_back(c);
    for (auto const& [word, column] : words)
        if (letters == word) return column;
    return std::nullopt;
}

void take_status(CsvContact& line, std::string_view word)
{
    auto const folded = store::fold(word);
    line.contact.active = folded != "deactivated";
    if (!folded.empty() && folded != "active" && folded != "deactivated")
        line.wrong = "The status is neither active nor deactivated.";
}

void take(CsvContact& line, Column column, std::string cell)
{
    switch (column) {
    case Column::name:
        line.contact.name = std::move(cell);
        break;
    case Column::job_title:
        line.contact.job_title = std::move(cell);
        break;
    case Column::email:
        line.contact.email = std::move(cell);
        break;
    case Column::phone:
        line.contact.phone = std::move(cell);
        break;
    case Column::mobile:
        line.contact.mobile = std::move(cell);
        break;
    case Column::device:
        line.device = std::move(cell);
        break;
    case Column::status:
        take_status(line, cell);
        break;
    }
}

Result<std::vector<Column>> columns_from(CsvRecord const& head)
{
    std::vector<Column> columns;
    std::set<Column> seen;
    for (auto const& cell : head.cells) {
        auto const column = column_of(cell);
        if (!column)
            return fail(errc::bad_input, "there is no column '" + clean_text(cell, 64) +
                                             "': name, job_title, email, phone, mobile, device and status are known");
        if (!seen.insert(*column).second)
            return fail(errc::bad_input, "the column '" + clean_text(cell, 64) + "' stands there twice");
        columns.push_back(*column);
    }
    if (!seen.contains(Column::name)) return fail(errc::bad_input, "the first line names no column 'name'");
    return columns;
}

} // namespace

Result<std::vector<CsvRecord>> parse_csv(std::string_view text)
{
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    Reader reader(text);
    std::vector<CsvRecord> records;
    while (!reader.at_end()) {
        auto record = reader.record();
        if (!record) return record.error();
        if (record->cells.size() == 1 && record->cells.front().empty()) continue;
        if (records.size() >= limits::csv_records)
            return fail(errc::limit_exceeded, fmt::format("there are more than {} lines", limits::csv_records));
        records.push_back(*std::move(record));
    }
    return records;
}

Result<std::vector<CsvContact>> read_contacts(std::string_view csv)
{
    auto records = parse_csv(csv);
    if (!records) return records.error();
    if (records->empty()) return fail(errc::bad_input, "the file is empty");
    auto const columns = columns_from(records->front());
    if (!columns) return columns.error();
    std::vector<CsvContact> contacts;
    for (std::size_t i = 1; i < records->size(); ++i) {
        auto& record = (*records)[i];
        auto& line = contacts.emplace_back();
        line.line = record.line;
        if (record.cells.size() > columns->size()) line.wrong = "It has more cells than the first line.";
        for (std::size_t place = 0; place < std::min(record.cells.size(), columns->size()); ++place)
            take(line, (*columns)[place], std::move(record.cells[place]));
    }
    return contacts;
}

} // namespace rollcall::api
