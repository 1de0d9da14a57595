#include "collector/view/api/events.hpp"

#include <utility>

#include "collector/view/api/cookie.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static Outcome<gateway::HttpResponse> stream_events(Services& services, Call& call)
{
    if (services.events == nullptr) return overloaded();
    auto stream = services.events->open(*call.identity, header(call.request, "last-event-id"));
    if (!stream) return stream.error();
    gateway::HttpResponse response;
    // The last one is for nginx, which would keep events back to send many at once.
    response.headers = {
        {"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
    response.stream = *std::move(stream);
    return response;
}

std::vector<Route> event_routes()
{
    return {make_route(
        Declaration{
            .method = "GET",
            .pattern = "/api/v1/events",
            .summary = "What changes, as server-sent events, for scripts",
            .headers = {text("Last-Event-ID", "`id` of the last event that was read: what happened since comes first. "
                                              "Where that is not known any more, or too long ago, comes a reset.")},
            .says =
                "Events until the reader leaves, or his session ends. `changed`: a Changed message; ask for what you "
                "show again. `reset`: something was missed; ask for everything again. `session_ended`: the last "
                "one. Lines that begin with a colon keep the connection alive.",
            .needs = Needs::nothing()},
        "text/event-stream", &stream_events)};
}

} // namespace rollcall::api
