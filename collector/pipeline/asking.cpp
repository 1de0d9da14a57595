#include "collector/pipeline/asking.hpp"

#include <fmt/format.h>

#include "collector/store/store.hpp"
#include "common/core/text.hpp"

namespace rollcall::pipeline
{

errc code_of(Error const& error)
{
    if (error.code.category() != rollcall_category()) return errc::io;
    return static_cast<errc>(error.code.value());
}

Refusal refusal_of(Error const& error)
{
    if (code_of(error) == errc::busy)
        return {errc::busy, "", "The collector is too busy to store this now.", "Try again in a few seconds."};
    return {code_of(error), "", "The collector could not store this: " + error.trace + ".",
            "Look at the free space and the rights of the collector's data folder."};
}

Error refuse(Effect& effect, Refusal refusal)
{
    auto error = fail(refusal.code, refusal.detail);
    effect.refusal = std::move(refusal);
    return error;
}

Refusal missing(std::string_view field, std::string_view what)
{
    return {errc::not_found, std::string(field), fmt::format("There is no such {}.", what),
            "It may have been removed, or you may not see it."};
}

Result<std::optional<store::Device>> seen_device(sqlite::Database& db, store::Scope const& scope, std::string_view id)
{
    auto found = store::find_device(db, id);
    if (!found) return found.error();
    if (!*found || (*found)->purged_ms || !scope.sees((*found)->location())) return std::optional<store::Device>();
    return found;
}

Result<std::optional<store::Customer>> seen_customer(sqlite::Database& db, store::Scope const& scope,
                                                     std::string_view id)
{
    if (!scope.sees(id)) return std::optional<store::Customer>();
    return store::find_customer(db, id);
}

std::string trimmed(std::string_view text)
{
    auto const from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

bool is_line(std::string_view text, std::size_t characters)
{
    return is_utf8(text) && count_characters(text) <= characters && clean_text(text, text.size()) == text &&
           text.find_first_of("\n\t") == std::string_view::npos;
}

} // namespace rollcall::pipeline
