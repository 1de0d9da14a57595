#include <string>
#include <variant>

#include "collector/view/filter/parse.hpp"
#include "collector/view/list_columns.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace filter = rollcall::filter;
namespace view = rollcall::view;

/// Filters come from people, scripts and links. What was accepted is written in one way, which is read as the same.
FUZZ_TARGET(bytes)
{
    for (auto const* const subject : {&view::device_subject(), &view::alert_subject()}) {
        auto const parsed = filter::parse(bytes, *subject);
        auto const* const expression = std::get_if<filter::Expression>(&parsed);
        if (expression == nullptr) {
            auto const& fault = std::get<filter::Fault>(parsed);
            rollcall::fuzz::require(fault.position <= bytes.size(), "a fault lies within the text");
            rollcall::fuzz::require(!fault.message.empty() && !fault.remedy.empty(), "a fault says what to do");
            continue;
        }
        auto const written = to_string(*expression, *subject);
        auto const again = filter::parse(written, *subject);
        if (auto const* const same = std::get_if<filter::Expression>(&again))
            rollcall::fuzz::require(to_string(*same, *subject) == written, "what was written is read as the same");
        else
            rollcall::fuzz::require(written.size() > bytes.size(), "only what became longer may pass a limit");
        for (auto const* const test : filter::row_tests(*expression))
            static_cast<void>(filter::evaluate_rows(*test, {.is_known = true, .rows = {{"", {}}}}, 0));
    }
}
