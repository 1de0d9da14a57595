#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/spool/spool_thread.hpp"
#include "agent/uplink/backoff.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/proxy.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/limits.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::uplink
{

/// How the connection is, for people.
struct Status {
    enum class State { stopped, connecting, connected, waiting } state = State::stopped;
    UnixMs since_ms = 0;    ///< When this state began.
    UnixMs last_ack_ms = 0; ///< 0 = never since the start.
    std::string problem;    ///< Why the last connection ended or did not begin; "" = it did not.
    std::string remedy;     ///< What a person can do about it, where the collector said so.
    bool operator==(Status const&) const = default;
};
[[nodiscard]] std::string_view to_string(Status::State state);

/// The agent's end of the connection: dials, says hello, sends what the spool holds, forgets what was acknowledged,
/// and begins again when the connection is lost.
///
/// Owns: one thread with its event loop, and at most one connection.
/// Threads: every function may be called from any thread; the spool is used on its own thread only.
/// Blocks: stop() up to `stop_limit` and `cut_limit`; nothing else.
class Uplink
{
public:
    struct Options {
        Identity identity;
        std::optional<Proxy> proxy; ///< On the way to the collector.
        std::string boot_id;
        Clock const* clock = nullptr;
        Backoff::Settings backoff;
        std::chrono::milliseconds heartbeat = wire::limits::heartbeat;
        std::chrono::milliseconds idle = wire::limits::agent_idle;
        std::chrono::milliseconds checked_every{60'000};
        /// Where `identity` is kept, and a renewed one is left. Empty: the certificate is not renewed.
        std::filesystem::path folder;
        /// How often is asked whether the certificate is due: the clock may have been set. A renewal that failed is
        /// tried again after this, or up to twice that.
        std::chrono::milliseconds renew_check = std::chrono::hours(1);
        /// When a certificate is to be renewed, by the collector's clock (renewal.hpp).
        std::function<Result<UnixMs>(std::string const& certificate_pem)> renew_due;
        /// What tells this machine from others; called on the spool's thread. Empty: nothing does.
        std::function<wire::Hardware()> hardware;
        std::string host_name; ///< What a device made of a copy is called at first.
        /// This machine ran from a copy of another one's disk and is a device of its own now, with this id: what it is
        /// must be read anew. On the uplink's thread.
        std::function<void(std::string const& device_id)> separated;
        /// The collector has a program for us. On the uplink's thread. Empty: nobody takes updates.
        std::function<void(wire::Update const&)> offered;
    };
    /// What stop() grants to the last events and the goodbye.
    static constexpr std::chrono::milliseconds stop_limit{3000};
    /// For what is left after that, once its connection is closed.
    static constexpr std::chrono::milliseconds cut_limit{1000};

    /// The spool must outlive it. errc::bad_input where the identity does not parse.
    [[nodiscard]] static Result<std::unique_ptr<Uplink>> start(Options options, spool::SpoolThread& spool);
    ~Uplink();
    Uplink(Uplink const&) = delete;
    Uplink& operator=(Uplink const&) = delete;

    /// The spool has a new record in this lane.
    void appended(wire::Lane lane);
    /// This state probe was read again and nothing had changed.
    void checked(std::string probe, UnixMs taken_ms);
    [[nodiscard]] Status status() const;
    /// Sends the events that wait, says goodbye and ends. May be called twice; the destructor calls it.
    void stop(std::string_view reason);

private:
    class Body;
    explicit Uplink(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::uplink
