#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/access/slow_down.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/exports.hpp"
#include "collector/view/api/files.hpp"
#include "collector/view/api/filter_memory.hpp"
#include "collector/view/api/install.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/pool.hpp"
#include "collector/view/api/record.hpp"
#include "collector/view/api/router.hpp"

namespace rollcall::api
{

/// Everything of the collector that is HTTP: the API by its table of routes, the page's files, /install, POST /enrol,
/// and what machines ask (/healthz, /readyz, /metrics). README.md of this folder tells the rules.
///
/// Owns: three pools of threads, the counters.  Threads: any.  Blocks: handle() never; stop() until what was taken is
/// done.
class Api final : public gateway::HttpHandler
{
public:
    Api(Services services, Files files);
    ~Api() override;

    void handle(gateway::HttpRequest request, std::function<void(gateway::HttpResponse)> done) override;

    /// Requests that come later get 503.
    void stop();
    /// Writes down how often strangers, and reads, were refused, once in a while (or `all` at once). Blocks.
    void keep_refusals(bool all);
    /// Of somebody who was not admitted elsewhere: for the audit log.
    void note_refusal(std::string action, gateway::HttpRequest const& request, Admission const& admission);

    /// For others whose work blocks as briefly: the live feed's log-in check.
    [[nodiscard]] Pool& pool() { return handlers_; }
    [[nodiscard]] std::vector<Route> const& routes() const { return router_.routes(); }

private:
    using Done = std::function<void(gateway::HttpResponse)>;

    void run(Pool& pool, gateway::HttpRequest request, Done done,
             std::function<gateway::HttpResponse(gateway::HttpRequest const&)> work);
    [[nodiscard]] Pool& pool_of(Route const& route, gateway::HttpRequest const& request);
    [[nodiscard]] gateway::HttpResponse dispatch(Route const& route, std::vector<std::string> path,
                                                 gateway::HttpRequest const& request);
    [[nodiscard]] gateway::HttpResponse perform(Route const& route, Entrance const& entrance,
                                                std::vector<std::string> path, gateway::HttpRequest const& request,
                                                std::optional<access::Identity> const& identity,
                                                std::shared_ptr<store::AuditEntry> const& entry);
    void record(store::AuditEntry const& entry, bool known, gateway::HttpResponse const& response);
    [[nodiscard]] gateway::HttpResponse enrol(gateway::HttpRequest const& request);
    /// The reason names folders of this machine: it is for the machine itself.
    [[nodiscard]] gateway::HttpResponse ready(bool with_reason);
    [[nodiscard]] std::string metrics() const;
    void count(int status);

    Services services_;
    Exports exports_{services_.clock};
    FilterMemory filter_memory_;
    Files files_;
    Router router_;
    Install install_;
    access::SlowDown enrolments_;
    Refusals refusals_;
    std::array<std::atomic<std::uint64_t>, 6> answers_{}; ///< By the status' first digit.
    Pool handlers_{limits::handler_threads, limits::handler_queue};
    Pool filters_{limits::filter_threads, limits::filter_queue};
    Pool passwords_{limits::password_threads, limits::password_queue};
};

} // namespace rollcall::api
