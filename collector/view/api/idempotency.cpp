#include "collector/view/api/idempotency.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "collector/store/audit.hpp"
#include "collector/view/api/cookie.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/problem.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"

namespace rollcall::api
{

static std::string request_digest(gateway::HttpRequest const& request)
{
    auto text = request.method + "\n" + request.path + "\n";
    for (auto const& [name, value] : request.query)
        text.append(name).append("=").append(value).append("\n");
    return sha256_hex(text + "\n" + request.body);
}

/// Is it an answer to the request itself? What failed inside may be tried again, and who was slowed down or not let do
/// it may be at another time.
static bool is_to_be_kept(int status)
{
    static constexpr std::array refusals{400, 404, 409, 422};
    return status < 400 || std::ranges::find(refusals, status) != refusals.end();
}

/// What was answered before; nullopt: go on, it has been noted that it was begun.
static Outcome<std::optional<store::KeptAnswer>> begin(store::Store& store, std::string const& key,
                                                       std::string const& digest, UnixMs now_ms)
{
    std::optional<store::KeptAnswer> before;
    auto const done = store.write([&](sqlite::Database& db) -> Result<> {
        auto found = store::find_kept_answer(db, key);
        if (!found) return found.error();
        before = *std::move(found);
        return before ? Result<>() : store::begin_kept_answer(db, key, digest, now_ms);
    });
    if (!done) return from_error(done.error());
    if (!before) return before;
    if (before->request_sha256 != digest)
        return problem(422, "idempotency-key-reused", "The key was used for something else",
                       "Another request came with this Idempotency-Key.", "Idempotency-Key",
                       "Make a new key for each thing that is to be done.");
    if (before->status == 0)
        return problem(409, "idempotency-unknown", "Nobody knows how it ended",
                       "A request with this key is being done, or its end was lost.", "Idempotency-Key",
                       "Look whether it was done, and use a new key if not.");
    return before;
}

gateway::HttpResponse once(store::Store& store, access::Access& access, Clock const& clock, access::Identity const& who,
                           gateway::HttpRequest const& request, std::function<gateway::HttpResponse()> const& work)
{
    auto const given = header(request, "idempotency-key");
    if (given.empty()) return work();
    if (given.size() > limits::idempotency_key_bytes)
        return respond(
            bad_input("Idempotency-Key",
                      "'Idempotency-Key' is longer than " + std::to_string(limits::idempotency_key_bytes) + " bytes.",
                      "Use a UUID."),
            request.id);
    auto const key =
        sha256_hex(who.technician.id + "\n" + (who.token ? who.token->id : std::string()) + "\n" + std::string(given));
    auto const about = "answer " + key;
    std::optional<store::KeptAnswer> before;
    {
        // Not what was asked for: that is still to be done.
        store::AuditScope const nobody(nullptr);
        auto begun = begin(store, key, request_digest(request), clock.now_ms());
        if (!begun) return respond(begun.error(), request.id);
        before = *std::move(begun);
    }
    if (before) {
        auto const answer = access.keys().unseal(before->answer, about);
        if (!answer) return respond(from_error(answer.error()), request.id);
        gateway::HttpResponse again;
        again.status = static_cast<int>(before->status);
        again.headers = {{"Cache-Control", "no-store"}, {"Idempotency-Replayed", "true"}};
        auto const* const type = again.status >= 400 ? "application/problem+json" : "application/json";
        if (!answer->empty()) again.headers.emplace_back("Content-Type", type);
        again.body = *answer;
        return again;
    }
    auto response = work();
    store::AuditScope const nobody(nullptr);
    // Of what is too large it is known that it was done.
    auto const kept = store.write([&](sqlite::Database& db) -> Result<> {
        if (!is_to_be_kept(response.status)) return store::forget_kept_answer(db, key);
        if (response.body.size() > limits::kept_answer_bytes) return {};
        return store::finish_kept_answer(db, key, response.status, access.keys().seal(response.body, about));
    });
    if (!kept) log::warning("api.answer_not_kept", {{"request", request.id}, {"error", kept.error()}});
    return response;
}

} // namespace rollcall::api
