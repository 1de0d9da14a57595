#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "collector/gateway/gateway.hpp"
#include "collector/gateway/tls_context.hpp"
#include "collector/gateway/tls_stream.hpp"
#include "collector/gateway/turns.hpp"
#include "common/log/log.hpp"
#include "common/net/tls.hpp"

/// What every connection has, whatever it speaks. Inside the gateway only.
namespace rollcall::gateway
{

using Steady = std::chrono::steady_clock;
using Work = asio::awaitable<void>;

class Link;

/// Why we close a WebSocket (RFC 6455 §7.4.1 and IANA's registry).
inline constexpr std::uint16_t close_going_away = 1001;
inline constexpr std::uint16_t close_unsupported = 1003;
inline constexpr std::uint16_t close_policy = 1008;
inline constexpr std::uint16_t close_try_again = 1013;

/// What puts a deadline off.
enum class Progress { none, received, sent };

/// What a connection is, for the counters.
enum class Kind { handshake, agent, browser, live };
inline constexpr std::size_t kind_count = 4;

/// Why handshakes fail, for the counters and the log.
enum class Failure { no_certificate, bad_certificate, peer_refused, timed_out, protocol, closed };
inline constexpr std::array<std::string_view, 6> failure_words{"no_certificate", "bad_certificate", "peer_refused",
                                                               "timed_out",      "protocol",        "closed"};

/// Lets through `per_window` lines of an event in ten seconds and counts the rest: strangers must not fill the disk.
///
/// Owns: its counts.  Threads: any.  Blocks: no.
class NoiseGate
{
public:
    [[nodiscard]] bool allow(std::string_view event);

private:
    static constexpr auto window = std::chrono::seconds(10);
    static constexpr unsigned per_window = 10;
    struct Count {
        Steady::time_point start;
        unsigned seen = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Count, std::less<>> counts_;
};

/// What all connections of one gateway share.
struct Hub {
    Hub(Options given, HttpHandler& http_handler, LiveHandler& live_handler, AgentHandler& agent_handler)
        : options(std::move(given))
        , http(http_handler)
        , live(live_handler)
        , agents(agent_handler)
    {
    }

    /// Takes a place for a stranger from that address; false where there is none.
    [[nodiscard]] bool admit(std::string const& place);
    void release(std::string const& place);

    Options const options;
    HttpHandler& http;
    LiveHandler& live;
    AgentHandler& agents;
    BrowserContext browser;
    ServerContext context; ///< Asks `browser`.
    NoiseGate noise;

    std::atomic<std::uint64_t> next_connection{1};
    std::atomic<bool> stopping{false};
    std::array<std::atomic<std::uint64_t>, kind_count> open{};
    std::array<std::atomic<std::uint64_t>, failure_words.size()> failures{};
    std::atomic<std::uint64_t> open_total{};
    std::atomic<std::uint64_t> accepted{};
    std::atomic<std::uint64_t> refused_total{};
    std::atomic<std::uint64_t> refused_per_address{};
    std::atomic<std::uint64_t> accept_errors{};
    std::atomic<std::uint64_t> agent_messages_in{};
    std::atomic<std::uint64_t> agent_messages_out{};
    std::atomic<std::uint64_t> agent_messages_refused{};
    std::atomic<std::uint64_t> live_messages_out{};
    std::atomic<std::uint64_t> http_requests{};
    std::atomic<std::uint64_t> bytes_in{};
    std::atomic<std::uint64_t> bytes_out{};

    std::mutex empty_mutex;
    std::condition_variable empty; ///< open_total became 0.

private:
    std::mutex places_mutex_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

/// One event loop and the connections that stay on it.
///
/// Threads: post() any; the rest the loop's own.  Blocks: no.
class Loop
{
public:
    explicit Loop(std::chrono::milliseconds sweep_every);

    asio::io_context& io() { return *io_; }
    /// Runs it on the loop; drops it after end().
    void post(std::function<void()> work);
    /// Looks at every connection's deadline, again and again.
    void sweep();
    /// After the loop's thread is gone: destroys what is left.
    void end();
    /// When it last looked. Any thread.
    [[nodiscard]] Steady::time_point last_sweep() const { return last_sweep_; }

    std::unordered_set<Link*> links;
    Turns turns; ///< For the steps of handshakes.

private:
    void sweep_once();

    Loop(std::unique_ptr<asio::io_context> io, std::chrono::milliseconds sweep_every);

    std::mutex mutex_;
    std::unique_ptr<asio::io_context> io_;
    std::optional<asio::steady_timer> timer_;
    std::chrono::milliseconds sweep_every_;
    std::atomic<Steady::time_point> last_sweep_{Steady::now()};
};

/// What speaks on a link. Lives on the link's loop.
class Session
{
public:
    Session() = default;
    virtual ~Session() = default;
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;
    /// Ends it politely: `code` is WebSocket's, `why` a word for the log. The caller sets the deadline.
    virtual void end(std::uint16_t code, std::string_view why) = 0;
    /// Called at every sweep.
    virtual void tick(Steady::time_point) {}
    /// The deadline passed and the stream is closed: wake up what does not wait for the stream.
    virtual void cut() {}
};

/// One accepted connection.
///
/// Owns: its TLS stream and its places in the counters.  Threads: its loop's.  Blocks: no.
class Link : public std::enable_shared_from_this<Link>
{
public:
    Link(std::shared_ptr<Hub> hub, std::shared_ptr<Loop> loop, asio::ip::tcp::socket socket, std::string remote,
         std::string place);
    ~Link();
    Link(Link const&) = delete;
    Link& operator=(Link const&) = delete;

    void become(Kind kind);

    /// From now on the connection is closed after `limit`, as `why`; with a `progress`, after `limit` without a byte
    /// that way.
    void set_deadline(std::chrono::milliseconds limit, std::string_view why, Progress progress = Progress::none);
    void clear_deadline() { deadline_.reset(); }
    /// Says goodbye through the session, and gives it Limits::closing for that.
    void end(std::uint16_t code, std::string_view why);
    void sweep(Steady::time_point now);
    /// Why the deadline closed it; "" = it did not.
    [[nodiscard]] std::string_view overdue() const { return overdue_; }

    std::shared_ptr<Hub> const hub;
    std::shared_ptr<Loop> const loop;
    TlsStream stream;
    std::string const remote;
    std::uint64_t const id;
    std::string device_id;      ///< "" until it is known.
    Session* session = nullptr; ///< Unset while the handshake runs.

private:
    [[nodiscard]] std::uint64_t moved() const
    {
        return progress_ == Progress::sent ? stream.bytes_out() : stream.bytes_in();
    }

    std::string place_;
    bool holds_place_ = true;
    Kind kind_ = Kind::handshake;
    std::optional<Steady::time_point> deadline_;
    std::chrono::milliseconds limit_{};
    std::string_view why_;
    std::string_view overdue_;
    Progress progress_ = Progress::none;
    std::uint64_t moved_ = 0;
    std::uint64_t counted_in_ = 0;
    std::uint64_t counted_out_ = 0;
};

/// For co_spawn: an exception that leaves a coroutine is a bug, and is logged.
void log_exception(std::exception_ptr const& thrown);

/// The HTTP side of a browser's connection, from its first request to its end.
Work serve_browser(std::shared_ptr<Link> link);
/// The device's side.
Work serve_agent(std::shared_ptr<Link> link);

} // namespace rollcall::gateway
