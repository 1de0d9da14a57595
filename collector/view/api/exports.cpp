#include "collector/view/api/exports.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace rollcall::api
{

namespace
{

/// The ids that are still to be written, and who writes them.
class CsvBody final : public gateway::HttpBody, public std::enable_shared_from_this<CsvBody>
{
public:
    CsvBody(std::string head, std::vector<std::string> ids, WriteLines write, std::shared_ptr<Pool> writers,
            std::shared_ptr<int> place)
        : head_(std::move(head))
        , ids_(std::move(ids))
        , write_(std::move(write))
        , writers_(std::move(writers))
        , place_(std::move(place))
    {
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void next(std::function<void(Result<std::string>)> done) override
    {
        auto const answer = std::make_shared<std::function<void(Result<std::string>)>>(std::move(done));
        auto const taken = writers_->submit([self = shared_from_this(), answer] { (*answer)(self->next_lines()); });
        if (!taken) (*answer)(fail(errc::busy, "the collector stops"));
    }

private:
    /// Empty at the end alone: lines of a piece may all be gone meanwhile.
    std::string next_lines()
    {
        auto lines = std::exchange(head_, {});
        while (lines.empty() && at_ < ids_.size()) {
            auto const end = std::min(at_ + limits::export_lines, ids_.size());
            lines = write_(
                {ids_.begin() + static_cast<std::ptrdiff_t>(at_), ids_.begin() + static_cast<std::ptrdiff_t>(end)});
            at_ = end;
        }
        return lines;
    }

    std::string head_;
    std::vector<std::string> const ids_;
    std::size_t at_ = 0;
    WriteLines const write_;
    std::shared_ptr<Pool> const writers_;
    std::shared_ptr<int> const place_;
};

std::string iso_time(std::int64_t ms)
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

} // namespace

std::string csv_text(std::string_view text)
{
    // A spreadsheet takes these for the begin of a formula, whatever the quotes.
    bool const is_formula = !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
    auto field = std::string(is_formula ? "'" : "").append(text);
    if (field.find_first_of(",;\"\r\n\t") == std::string::npos && field.find_first_of(" ") != 0) return field;
    std::string quoted = "\"";
    for (char const c : field)
        quoted.append(c == '"' ? 2 : 1, c);
    return quoted += '"';
}

std::string csv_field(filter::Column const& column, filter::Cell const& cell)
{
    if (std::holds_alternative<std::monostate>(cell)) return {};
    if (std::holds_alternative<filter::Missing>(cell)) return "unknown";
    if (auto const* const flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
    if (auto const* const whole = std::get_if<std::int64_t>(&cell))
        return column.type == filter::Type::time ? iso_time(*whole) : std::to_string(*whole);
    if (auto const* const real = std::get_if<double>(&cell)) return fmt::format("{}", *real);
    if (auto const* const text = std::get_if<std::string_view>(&cell)) return csv_text(*text);
    auto const* const cut = std::get_if<filter::CutTexts>(&cell);
    std::string list;
    for (auto const& one : cut != nullptr ? cut->known : std::get<std::span<std::string const>>(cell))
        list.append(list.empty() ? "" : "; ").append(one);
    return csv_text(cut != nullptr ? list + "; unknown" : list);
}

std::string csv_line(std::vector<std::string> const& fields)
{
    std::string line;
    for (auto const& field : fields)
        line.append(&field == fields.data() ? "" : ",").append(field);
    return line += "\r\n";
}

std::shared_ptr<gateway::HttpBody> Exports::begin(std::string head, std::vector<std::string> ids, WriteLines write)
{
    if (static_cast<std::size_t>(places_.use_count()) > limits::exports) return nullptr;
    return std::make_shared<CsvBody>(std::move(head), std::move(ids), std::move(write), writers_, places_);
}

} // namespace rollcall::api
