#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/outcome.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

/// What the parts that fulfil requests of people share.
namespace rollcall::pipeline
{

[[nodiscard]] errc code_of(Error const& error);
/// For an error of the store.
[[nodiscard]] Refusal refusal_of(Error const& error);
/// Ends a work because of its request: what it did is undone.
[[nodiscard]] Error refuse(Effect& effect, Refusal refusal);
/// What is not there, or not for who asks.
[[nodiscard]] Refusal missing(std::string_view field, std::string_view what);
/// nullopt: it is not there, or not within the scope.
[[nodiscard]] Result<std::optional<store::Device>> seen_device(sqlite::Database& db, store::Scope const& scope,
                                                               std::string_view id);
/// Likewise one that is seen as a whole.
[[nodiscard]] Result<std::optional<store::Customer>> seen_customer(sqlite::Database& db, store::Scope const& scope,
                                                                   std::string_view id);
/// What a person typed, without blanks around it.
[[nodiscard]] std::string trimmed(std::string_view text);
/// Of one line, without control characters, of at most so many characters?
[[nodiscard]] bool is_line(std::string_view text, std::size_t characters);

/// Runs a request's work and answers with what it made, or with the refusal.
template <class T>
void submit(Works& works, std::function<Result<>(sqlite::Database&, Effect&, T&)> body, Done<T> done)
{
    auto const made = std::make_shared<T>();
    auto const job = std::make_shared<Job>();
    job->body = [body = std::move(body), made](sqlite::Database& db, Effect& effect) {
        *made = {};
        return body(db, effect, *made);
    };
    job->finish = [made, done](Result<> const& result, Effect& effect) {
        if (result)
            done(*made);
        else
            done(effect.refusal ? *effect.refusal : refusal_of(result.error()));
    };
    if (!works.submit(job)) done(refusal_of(fail(errc::busy, "store")));
}

} // namespace rollcall::pipeline
