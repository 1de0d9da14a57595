#include "collector/view/api/api.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "collector/store/fold.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/cookie.hpp"
#include "collector/view/api/idempotency.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/filter/columns.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::api
{

static gateway::HttpResponse plain(int status, std::string text)
{
    gateway::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}};
    response.body = std::move(text);
    return response;
}

static gateway::HttpResponse busy(std::string_view request_id)
{
    auto response = respond(overloaded(), request_id);
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

static bool is_loopback(std::string_view remote)
{
    return remote == "::1" || remote.starts_with("127.") || remote.starts_with("::ffff:127.");
}

Api::Api(Services services, Files files)
    : services_(std::move(services))
    , filter_memory_(services_.projection)
    , files_(std::move(files))
    , router_(all_routes())
    , install_({.board = services_.board, .address = services_.public_address, .pin = services_.install_pin})
{
    services_.exports = &exports_;
    services_.filter_memory = &filter_memory_;
}

Api::~Api() { stop(); }

void Api::stop()
{
    handlers_.stop();
    filters_.stop();
    passwords_.stop();
    install_.stop();
    exports_.stop();
    keep_refusals(true);
}

void Api::count(int status)
{
    auto const place = static_cast<std::size_t>(status) / 100;
    if (place < answers_.size()) ++answers_[place];
}

void Api::run(Pool& pool, gateway::HttpRequest request, Done done,
              std::function<gateway::HttpResponse(gateway::HttpRequest const&)> work)
{
    auto const id = request.id;
    // Shared, since a refused submit must still be able to answer.
    auto const answer = std::make_shared<Done>(std::move(done));
    auto taken = pool.submit([this, answer, work = std::move(work), request = std::move(request)] {
        gateway::HttpResponse response;
        try {
            response = work(request);
        } catch (std::exception const& error) {
            // Want of memory, or a bug: this request fails, the others go on.
            log::error("api.exception", {{"request", request.id}, {"what", std::string_view(error.what())}});
            response = respond(from_code(errc::io, "Something went wrong inside; its log says what.", {},
                                         "Look for the request id in the collector's log."),
                               request.id);
        }
        count(response.status);
        (*answer)(std::move(response));
    });
    if (taken) return;
    count(503);
    (*answer)(busy(id));
}

/// Might the filter ask for rows of probes? Said without parsing it, since an event loop asks.
static bool may_read_probes(std::string_view filter)
{
    auto const folded = store::fold(filter);
    return folded.find('(') != std::string::npos || std::ranges::any_of(filter::tables(), [&](auto const& table) {
               return folded.find(table.name + ".") != std::string::npos;
           });
}

Pool& Api::pool_of(Route const& route, gateway::HttpRequest const& request)
{
    if (route.hashes) return passwords_;
    auto const given = request.query.find("filter");
    return given != request.query.end() && may_read_probes(given->second) ? filters_ : handlers_;
}

void Api::handle(gateway::HttpRequest request, Done done)
{
    auto const at_once = [&](gateway::HttpResponse response) {
        count(response.status);
        done(std::move(response));
    };
    if (request.path == "/healthz") return at_once(plain(200, "ok\n"));
    if (request.path == "/readyz")
        return run(handlers_, std::move(request), std::move(done),
                   [this](auto const& taken) { return ready(is_loopback(taken.remote)); });
    if (request.path == "/metrics") {
        // Of the machine itself only: whoever wants them elsewhere runs a scraper or a proxy here.
        if (!is_loopback(request.remote)) return at_once(plain(404, "There is no such file.\n"));
        auto response = plain(200, metrics());
        response.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
        return at_once(std::move(response));
    }
    if (request.path == "/enrol")
        return run(handlers_, std::move(request), std::move(done), [this](auto const& taken) { return enrol(taken); });
    if (Install::is_for(request.path))
        return run(handlers_, std::move(request), std::move(done),
                   [this](auto const& taken) { return install_.answer(taken); });
    if (request.path != "/api" && !request.path.starts_with("/api/")) return at_once(files_.serve(request));

    auto match = router_.find(request.method, request.path);
    if (!match.route) {
        if (match.allowed.empty())
            return at_once(respond(problem(404, "not-found", "Not found", "There is no such route.", {},
                                           "GET /api/v1/openapi.json lists all routes."),
                                   request.id));
        std::string allowed;
        for (auto const& method : match.allowed)
            allowed.append(allowed.empty() ? "" : ", ").append(method);
        auto response = respond(problem(405, "method-not-allowed", "Method not allowed",
                                        "This route does not know the method.", {}, "It knows: " + allowed + "."),
                                request.id);
        response.headers.emplace_back("Allow", allowed);
        return at_once(std::move(response));
    }
    auto const* const route = match.route;
    auto& pool = pool_of(*route, request);
    run(pool, std::move(request), std::move(done),
        [this, route, path = std::move(match.path)](auto const& taken) { return dispatch(*route, path, taken); });
}

gateway::HttpResponse Api::dispatch(Route const& route, std::vector<std::string> path,
                                    gateway::HttpRequest const& request)
{
    Entrance const entrance{
        .guard = route.guard, .needs = route.needs, .from_own_page = route.writes(), .csrf = route.writes()};
    auto const admission = admit(services_.access, entrance, request);
    std::shared_ptr<store::AuditEntry> entry;
    if (route.changes() || admission.refusal) entry = entry_of(services_, route, path, request, admission.identity);
    auto response = admission.refusal ? respond(*admission.refusal, request.id)
                                      : perform(route, entrance, std::move(path), request, admission.identity, entry);
    if (entry) record(*entry, admission.identity.has_value(), response);
    return response;
}

gateway::HttpResponse Api::perform(Route const& route, Entrance const& entrance, std::vector<std::string> path,
                                   gateway::HttpRequest const& request, std::optional<access::Identity> const& identity,
                                   std::shared_ptr<store::AuditEntry> const& entry)
{
    auto arguments = Arguments::read(route.parameters, request.query);
    if (!arguments) return respond(arguments.error(), request.id);
    Call call{.request = request,
              .path = std::move(path),
              .arguments = *std::move(arguments),
              .identity = identity,
              .headers = {}};
    if (!route.changes()) {
        auto response = route.run(services_, call);
        // What was not changed is not sent again.
        if (auto const known = header(request, "if-none-match"); !known.empty() && response.status == 200)
            for (auto const& [name, value] : response.headers)
                if (name == "ETag" && value == known) {
                    response.status = 304;
                    response.body.clear();
                    break;
                }
        return response;
    }
    store::AuditScope const recorded(entry);
    if (!identity) return route.run(services_, call);
    // Whatever the handler makes of a write that was refused so, the answer is that of the door.
    auto const refusal = std::make_shared<std::optional<Problem>>();
    entry->judge = [refusal, entrance, who = *identity, &clock = services_.clock](sqlite::Database& db) -> Result<> {
        auto judged = judge_again(db, entrance, who, clock.now_ms());
        if (!judged) return judged.error();
        *refusal = *std::move(judged);
        if (*refusal) return fail(errc::refused, (*refusal)->detail);
        return {};
    };
    return once(services_.store, services_.access, services_.clock, *identity, request, [&] {
        auto response = route.run(services_, call);
        if (*refusal) response = respond(**refusal, request.id);
        return response;
    });
}

/// The word behind urn:rollcall:problem: of an answer that refuses.
static std::string why_refused(gateway::HttpResponse const& response)
{
    boost::system::error_code failure;
    auto const json = boost::json::parse(response.body, failure);
    auto const* const type = failure || !json.is_object() ? nullptr : json.get_object().if_contains("type");
    std::string const word = type != nullptr && type->is_string() ? std::string(type->get_string()) : std::string();
    return std::to_string(response.status) + " " + word.substr(word.rfind(':') + 1);
}

/// The writer has made a row of what was done, in the same transaction. Here the others: what was refused, and what
/// was done without a write.
void Api::record(store::AuditEntry const& entry, bool known, gateway::HttpResponse const& response)
{
    // A read changes nothing, and may be asked again and again.
    if (response.status >= 400 && (!known || entry.action.starts_with("GET ")))
        return refusals_.note(entry, why_refused(response));
    std::string result;
    if (response.status >= 400) {
        result = "refused: " + why_refused(response);
    } else {
        if (entry.recorded) return;
        bool const again = std::ranges::any_of(response.headers,
                                               [](auto const& pair) { return pair.first == "Idempotency-Replayed"; });
        result = again ? "done before" : "done";
    }
    auto const kept = services_.store.write(
        [&](sqlite::Database& db) { return store::append_audit(db, store::row_of(entry, result)); });
    if (!kept) log::error("audit.not_kept", {{"action", entry.action}, {"result", result}, {"error", kept.error()}});
}

void Api::keep_refusals(bool all)
{
    auto const counts = refusals_.take(services_.clock.now_ms(), all);
    if (counts.empty()) return;
    auto const kept = services_.store.write([&](sqlite::Database& db) -> Result<> {
        for (auto const& row : rows_of(counts))
            if (auto const added = store::append_audit(db, row); !added) return added.error();
        return {};
    });
    if (kept) return;
    log::error("audit.not_kept", {{"refusals", counts.size()}, {"error", kept.error()}});
    refusals_.put_back(counts);
}

void Api::note_refusal(std::string action, gateway::HttpRequest const& request, Admission const& admission)
{
    store::AuditEntry entry;
    tell_who(entry, std::move(action), request, admission.identity, services_.clock.now_ms());
    refusals_.note(entry, why_refused(respond(*admission.refusal, request.id)));
}

gateway::HttpResponse Api::enrol(gateway::HttpRequest const& request)
{
    if (request.method != "POST") {
        auto response = respond(problem(405, "method-not-allowed", "Method not allowed", "Agents POST here.", {},
                                        "Run 'rollcall-agent enrol' on the machine."),
                                request.id);
        response.headers.emplace_back("Allow", "POST");
        return response;
    }
    auto const peer = access::peer_key(request.remote);
    if (auto const wait = enrolments_.wait(peer, services_.clock.steady()); wait.count() > 0) {
        auto const seconds = std::to_string((wait.count() + 999) / 1000);
        auto response = respond(problem(429, "slowed-down", "Too many failures",
                                        "After several failed enrolments the next one has to wait.", {},
                                        "Wait " + seconds + " s, then try again with a valid token."),
                                request.id);
        response.headers.emplace_back("Retry-After", seconds);
        return response;
    }
    auto const body = wire::decode_enrol_request(request.body);
    if (!body) {
        enrolments_.failed(peer, services_.clock.steady());
        return respond(bad_input({}, "This is no request for enrolment: " + body.error().trace + ".",
                                 "Use the agent of this version: 'rollcall-agent enrol'."),
                       request.id);
    }
    auto const entry = std::make_shared<store::AuditEntry>();
    entry->actor_kind = "machine";
    entry->actor_name = clean_text(body->host_name, parameter_bytes);
    entry->remote = request.remote;
    entry->action = "POST /enrol";
    entry->detail = boost::json::serialize(boost::json::object{{"host_name", entry->actor_name}});
    entry->at_ms = services_.clock.now_ms();
    auto const enrolled = [&] {
        store::AuditScope const recorded(entry);
        return services_.backend.enrol(*body, request.remote);
    }();
    if (!enrolled) {
        // Only what a guesser could cause counts against the address; a full disk is nobody's guess.
        if (enrolled.error().status < 500) enrolments_.failed(peer, services_.clock.steady());
        store::AuditEntry stranger;
        tell_who(stranger, entry->action, request, std::nullopt, entry->at_ms);
        refusals_.note(stranger, std::to_string(enrolled.error().status));
        log::warning("enrol.refused",
                     {{"request", request.id}, {"remote", request.remote}, {"detail", enrolled.error().detail}});
        return respond(enrolled.error(), request.id);
    }
    gateway::HttpResponse response;
    response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    response.body = wire::encode(*enrolled);
    return response;
}

gateway::HttpResponse Api::ready(bool with_reason)
{
    auto const able = services_.backend.ready();
    if (able) return plain(200, "ready\n");
    if (!with_reason) return plain(503, "not ready\n");
    return plain(503, "not ready: " + able.error().trace + "\n");
}

std::string Api::metrics() const
{
    auto figures = services_.backend.figures();
    figures.push_back({"rollcall_api_waiting", "gauge", "Requests that wait for a thread.",
                       static_cast<double>(handlers_.waiting() + filters_.waiting() + passwords_.waiting())});
    figures.push_back({"rollcall_store_queue", "gauge", "Works that wait for the writer.",
                       static_cast<double>(services_.store.queued())});
    figures.push_back({"rollcall_store_bytes", "gauge", "Size of the database with its log.",
                       static_cast<double>(services_.store.size_bytes())});
    std::string text;
    for (auto const& figure : figures)
        text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", figure.name, figure.help, figure.type,
                            figure.value);
    text += "# HELP rollcall_http_responses_total Answers by class of status.\n"
            "# TYPE rollcall_http_responses_total counter\n";
    for (std::size_t digit = 1; digit < answers_.size(); ++digit)
        text += fmt::format("rollcall_http_responses_total{{class=\"{}xx\"}} {}\n", digit, answers_[digit].load());
    return text;
}

} // namespace rollcall::api
