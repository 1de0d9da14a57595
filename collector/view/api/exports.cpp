#include "collector/view/api/exports.hpp"

#include <algorithm>
#include <chrono>
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
            std::shared_ptr<void> place, Clock const& clock)
        : head_(std::move(head))
        , ids_(std::move(ids))
        , write_(std::move(write))
        , writers_(std::move(writers))
        , place_(std::move(place))
        , clock_(clock)
        , until_(clock.steady() + limits::export_time)
    {
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void next(std::function<void(Result<std::string>)> done) override
    {
        auto const answer = std::make_shared<std::function<void(Result<std::string>)>>(std::move(done));
        // Whoever has got the last piece finds the place free.
        auto const taken = writers_->submit([self = shared_from_this(), answer]() mutable {
            auto lines = self->next_lines();
            self.reset();
            (*answer)(std::move(lines));
        });
        if (!taken) (*answer)(fail(errc::busy, "the collector stops"));
    }

private:
    /// Empty at the end alone: lines of a piece may all be gone meanwhile.
    Result<std::string> next_lines()
    {
        auto lines = std::exchange(head_, {});
        while (lines.empty() && at_ < ids_.size()) {
            if (clock_.steady() > until_) return fail(errc::timed_out, "csv: it was not taken in time");
            auto const end = std::min(at_ + limits::export_lines, ids_.size());
            auto more = write_(
                {ids_.begin() + static_cast<std::ptrdiff_t>(at_), ids_.begin() + static_cast<std::ptrdiff_t>(end)});
            if (!more) return fail(more.error(), "csv");
            lines = *std::move(more);
            at_ = end;
        }
        return lines;
    }

    std::string head_;
    std::vector<std::string> const ids_;
    std::size_t at_ = 0;
    WriteLines const write_;
    std::shared_ptr<Pool> const writers_;
    std::shared_ptr<void> const place_;
    Clock const& clock_;
    std::chrono::milliseconds const until_;
};

std::string iso_time(std::int64_t ms)
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

} // namespace

std::string csv_text(std::string_view text)
{
    // A spreadsheet takes some signs for the begin of a formula, whatever the quotes; and some part a text at every ; ,
    // tab or line break, whatever the quotes, too.
    static constexpr std::string_view begins = "=+-@\t\r\n";
    static constexpr std::string_view parts = ";,\t\r\n";
    std::string field;
    char before = '\n';
    for (char const c : text) {
        bool const is_begin = field.empty() || parts.find(before) != std::string_view::npos;
        bool const is_break = !field.empty() && parts.find(c) != std::string_view::npos;
        if (is_begin && !is_break && begins.find(c) != std::string_view::npos) field += '\'';
        field += c;
        before = c == ' ' ? before : c;
    }
    if (field.find_first_of(",;\"\r\n\t") == std::string::npos && !field.starts_with(' ')) return field;
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

std::shared_ptr<void> ExportPlaces::take(std::shared_ptr<ExportPlaces> const& places, std::string const& technician_id)
{
    std::lock_guard const lock(places->mutex_);
    auto const own = places->by_technician_.find(technician_id);
    auto const count = own == places->by_technician_.end() ? 0 : own->second;
    if (places->taken_ >= limits::exports || count >= limits::exports_per_technician) return nullptr;
    ++places->taken_;
    ++places->by_technician_[technician_id];
    return {places.get(), [places, technician_id](void*) {
                std::lock_guard const giving_back(places->mutex_);
                --places->taken_;
                auto const place = places->by_technician_.find(technician_id);
                if (--place->second == 0) places->by_technician_.erase(place);
            }};
}

std::shared_ptr<gateway::HttpBody> Exports::begin(std::shared_ptr<void> place, std::string head,
                                                  std::vector<std::string> ids, WriteLines write)
{
    return std::make_shared<CsvBody>(std::move(head), std::move(ids), std::move(write), writers_, std::move(place),
                                     clock_);
}

} // namespace rollcall::api
