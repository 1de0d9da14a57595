#pragma once

#include <optional>

#include "collector/view/api/router.hpp"
#include "collector/view/filter/parse.hpp"

/// Filters on their way through a request: read from the query, and the rows they ask about read from the store.
namespace rollcall::api
{

/// The parameter `filter` of a list of this subject.
[[nodiscard]] Parameter filter_parameter();

/// The filter of a request and what was read for it.
///
/// Threads: one.  Blocks: read() does, for limits::filter_read at most.
class RequestFilter
{
public:
    /// The problem says where the expression is wrong, and what to write.
    static Outcome<RequestFilter> parse(Call const& call, filter::Subject const& subject);

    /// Reads what the filter needs of the lines that the query would else show, and makes the query choose by it.
    /// `Query` is one of the projection's.
    template <class Query>
    std::optional<Problem> read(Services& services, Call const& call, Query& query)
    {
        if (!expression_) return std::nullopt;
        patience_.emplace(services.clock);
        query.chosen = {.filter = &*expression_, .rows = nullptr, .patience = &*patience_};
        if (filter::row_tests(*expression_).empty()) return std::nullopt;
        auto const now_ms = services.clock.now_ms();
        auto const devices = services.projection.undecided(call.scope(), query, now_ms);
        if (auto bad = wrong_with_time()) return bad;
        if (!devices.empty())
            if (auto bad = read_rows(services, devices, now_ms)) return bad;
        query.chosen.rows = &answers_;
        return std::nullopt;
    }

    /// To be asked when the projection has answered: whether it gave up before the last line.
    [[nodiscard]] std::optional<Problem> wrong_with_time() const;

private:
    std::optional<Problem> read_rows(Services& services, std::vector<view::DeviceNumber> const& devices, UnixMs now_ms);

    std::optional<filter::Expression> expression_;
    filter::Subject const* subject_ = nullptr;
    view::RowAnswers answers_;
    std::optional<view::Patience> patience_;
};

/// A column of the device that a line is about, where a line is not itself a device.
[[nodiscard]] bool is_of_device(filter::Column const& column);
/// Who may not see devices learns nothing of them by choosing alerts, either.
[[nodiscard]] Problem devices_are_hidden(std::string field);

/// A fault as a problem: "At character 12: ...".
[[nodiscard]] Problem problem_of(filter::Fault const& fault);

} // namespace rollcall::api
