#include "collector/gateway/gateway.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>

#include "collector/gateway/link.hpp"
#include "collector/gateway/tls_context.hpp"
#include "common/net/tls.hpp"

namespace rollcall::gateway
{

namespace
{

using asio::ip::tcp;
namespace sys = boost::system::errc;

/// With no descriptor left, accepting fails at once and again: look a few times a second.
constexpr auto accept_pause = std::chrono::milliseconds(250);

/// Whose limit a stranger counts against: a machine's address; of IPv6 the network, since a machine has 2^64.
std::string place_of(asio::ip::address const& address)
{
    if (!address.is_v6()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return asio::ip::address_v6(bytes).to_string();
}

asio::ip::address plain_address(asio::ip::address const& address)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address;
}

Failure failure_of(Link const& link)
{
    if (!link.overdue().empty()) return Failure::timed_out;
    switch (link.stream.failure_reason()) {
    case 0:
        return Failure::closed;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return Failure::no_certificate;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return Failure::bad_certificate;
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return Failure::peer_refused;
    default:
        return Failure::protocol;
    }
}

/// A peer that has said something waits for its turn no longer than half of the limit: the other half is for the
/// handshake itself. Who waits in vain hears of it early, and comes back later than those who came after him.
asio::awaitable<error_code> shake_hands(Link& link)
{
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    auto const half = link.hub->options.limits.handshake / 2;
    link.set_deadline(half, "handshake");
    TlsStream::Step step{.want = TlsStream::Want::read};
    for (bool begun = false;; begun = true) {
        auto const [gone] = co_await link.stream.async_ready(step.want, token);
        if (gone) co_return gone;
        co_await link.loop->turns.wait(begun);
        if (!begun) link.set_deadline(half, "handshake");
        step = link.stream.handshake();
        if (step.want == TlsStream::Want::nothing) co_return step.error;
    }
}

/// One connection, from its first byte to its last.
Work serve(std::shared_ptr<Link> link)
{
    auto& hub = *link->hub;
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    auto const error = co_await shake_hands(*link);
    if (error) {
        auto const why = failure_of(*link);
        auto const word = failure_words.at(static_cast<std::size_t>(why));
        ++hub.failures.at(static_cast<std::size_t>(why));
        if (hub.noise.allow("tls.handshake_failed"))
            log::info("tls.handshake_failed", {{"remote", link->remote},
                                               {"reason", word},
                                               {"detail", link->stream.failure()},
                                               {"certificate", net::verify_failure(link->stream.ssl())}});
        // The alert says why, and the peer should get to read it.
        co_await link->stream.async_linger(token);
        co_return;
    }
    if (is_agent(link->stream.ssl())) {
        co_await serve_agent(link);
    } else {
        link->become(Kind::browser);
        co_await serve_browser(link);
    }
}

Error listen_error(Options const& options, error_code const& error)
{
    auto const place = fmt::format("{}port {}", options.address.empty() ? "" : options.address + " ", options.port);
    if (error == sys::address_in_use)
        return fail(
            errc::conflict,
            fmt::format("{} is already in use by another program. Stop that program, or choose another port", place));
    if (error == sys::permission_denied)
        return fail(errc::permission_denied,
                    fmt::format("this user may not listen on {}. Choose a port above 1023, or give the program the "
                                "capability CAP_NET_BIND_SERVICE",
                                place));
    if (error == sys::address_not_available)
        return fail(
            errc::bad_input,
            fmt::format("this machine has no address {}. Choose one of its own, or none for all", options.address));
    return fail(errc::io, fmt::format("cannot listen on {}: {}", place, error.message()));
}

error_code open_at(tcp::acceptor& acceptor, tcp::endpoint const& endpoint, bool both_families)
{
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (error) return error;
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && both_families) acceptor.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        error_code ignored;
        acceptor.close(ignored);
    }
    return error;
}

Result<> open_acceptor(tcp::acceptor& acceptor, Options const& options)
{
    error_code error;
    if (!options.address.empty()) {
        auto const address = asio::ip::make_address(options.address, error);
        if (error)
            return fail(errc::bad_input, fmt::format("listen address \"{}\": an IPv4 or IPv6 address is wanted, such "
                                                     "as 0.0.0.0 or ::1",
                                                     options.address));
        error = open_at(acceptor, tcp::endpoint(address, options.port), false);
    } else {
        error = open_at(acceptor, tcp::endpoint(tcp::v6(), options.port), true);
        if (error == sys::address_family_not_supported || error == sys::address_not_available)
            error = open_at(acceptor, tcp::endpoint(tcp::v4(), options.port), false);
    }
    if (error) return listen_error(options, error);
    return {};
}

/// Often enough for the shortest limit, seldom enough for twenty thousand connections.
std::chrono::milliseconds sweep_period(Limits const& limits)
{
    auto const shortest = std::min({limits.handshake, limits.silence, limits.request, limits.answer, limits.send,
                                    limits.idle, limits.live_ping, limits.closing});
    return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(500));
}

} // namespace

/// What a piece of work throws (memory may be wanting) ends that work, not the loop with all its connections.
static void run_loop(Loop& loop)
{
    for (;;) {
        try {
            loop.io().run();
            return;
        } catch (std::exception const& error) {
            log::error("gateway.exception", {{"what", std::string_view(error.what())}});
        }
    }
}

class Gateway::Impl
{
public:
    Impl(Options options, HttpHandler& http, LiveHandler& live, AgentHandler& agents)
        : hub_(std::make_shared<Hub>(std::move(options), http, live, agents))
    {
        auto count = hub_->options.threads;
        if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < count; ++i)
            loops_.push_back(std::make_shared<Loop>(sweep_period(hub_->options.limits)));
        acceptor_.emplace(loops_.front()->io());
        pause_.emplace(loops_.front()->io());
    }
    ~Impl() { stop(); }
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    Result<> start();
    void stop();
    void close_device(std::string device_id);
    [[nodiscard]] Counters counters() const;
    [[nodiscard]] bool alive(std::chrono::milliseconds limit) const
    {
        auto const least = Steady::now() - limit;
        return std::ranges::all_of(loops_, [least](auto const& loop) { return loop->last_sweep() >= least; });
    }
    Result<> show_browsers(BrowserCertificate const& certificate) { return hub_->browser.use(certificate); }
    Result<> use_certificates(TlsMaterial const& material)
    {
        auto context = make_server_context(material, hub_->browser);
        if (!context) return context.error();
        hub_->context.use(*std::move(context));
        return {};
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    void accept();
    void accepted(error_code const& error, tcp::socket socket, std::shared_ptr<Loop> const& loop);

    std::shared_ptr<Hub> hub_;
    std::vector<std::shared_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
    std::optional<tcp::acceptor> acceptor_;
    std::optional<asio::steady_timer> pause_;
    std::size_t next_loop_ = 0;
    std::uint16_t port_ = 0;
};

Result<> Gateway::Impl::start()
{
    if (auto used = use_certificates(hub_->options.tls); !used) return fail(used.error(), "gateway");
    if (hub_->options.browser)
        if (auto shown = hub_->browser.use(*hub_->options.browser); !shown) return shown;
    if (auto opened = open_acceptor(*acceptor_, hub_->options); !opened) return opened;
    port_ = acceptor_->local_endpoint().port();

    accept();
    for (auto const& loop : loops_) {
        loop->sweep();
        threads_.emplace_back([loop] { run_loop(*loop); });
    }
    log::info("gateway.listening", {{"address", hub_->options.address.empty() ? "*" : hub_->options.address},
                                    {"port", port_},
                                    {"threads", loops_.size()}});
    return {};
}

void Gateway::Impl::accept()
{
    auto loop = loops_.at(next_loop_++ % loops_.size());
    acceptor_->async_accept(loop->io(), [this, loop](error_code const& error, tcp::socket socket) {
        accepted(error, std::move(socket), loop);
    });
}

void Gateway::Impl::accepted(error_code const& error, tcp::socket socket, std::shared_ptr<Loop> const& loop)
{
    if (hub_->stopping || error == asio::error::operation_aborted) return;
    if (error == sys::too_many_files_open || error == sys::too_many_files_open_in_system ||
        error == sys::no_buffer_space || error == sys::not_enough_memory) {
        ++hub_->accept_errors;
        if (hub_->noise.allow("gateway.accept_failed"))
            log::error("gateway.accept_failed",
                       {{"error", error.message()},
                        {"open", hub_->open_total.load()},
                        {"remedy", "raise the limit of open files (LimitNOFILE=) of this service"}});
        pause_->expires_after(accept_pause);
        pause_->async_wait([this](error_code const& aborted) {
            if (!aborted) accept();
        });
        return;
    }
    // Everything else is about the one connection that is already gone.
    if (!error) {
        error_code failed;
        auto const peer = socket.remote_endpoint(failed);
        auto const address = plain_address(peer.address());
        auto const place = place_of(address);
        if (failed) {
            ++hub_->accept_errors;
        } else if (hub_->open_total >= hub_->options.limits.connections) {
            ++hub_->refused_total;
            if (hub_->noise.allow("gateway.full"))
                log::warning("gateway.full", {{"limit_connections", hub_->options.limits.connections}});
        } else if (!hub_->admit(place)) {
            ++hub_->refused_per_address;
            if (hub_->noise.allow("gateway.address_full"))
                log::warning("gateway.address_full",
                             {{"remote", place}, {"limit", hub_->options.limits.unauthenticated_per_address}});
        } else {
            ++hub_->accepted;
            ++hub_->open_total;
            socket.set_option(tcp::no_delay(true), failed);
            // Until the loop has it, the place is its own business: post() drops work only after stop().
            auto moved = std::make_shared<tcp::socket>(std::move(socket));
            loop->post([hub = hub_, loop, moved, remote = address.to_string(), place] {
                auto link = std::make_shared<Link>(hub, loop, std::move(*moved), remote, place);
                asio::co_spawn(loop->io(), serve(std::move(link)), log_exception);
            });
        }
    }
    accept();
}

void Gateway::Impl::stop()
{
    if (hub_->stopping.exchange(true)) return;
    if (threads_.empty()) { // Never started.
        acceptor_.reset();
        pause_.reset();
        for (auto const& loop : loops_)
            loop->end();
        return;
    }
    loops_.front()->post([this] {
        error_code ignored;
        acceptor_->close(ignored);
        pause_->cancel();
    });
    for (auto const& loop : loops_)
        loop->post([loop = loop.get()] {
            // end() may drop a link at once, and with it its place in the set.
            std::vector<std::weak_ptr<Link>> open;
            for (auto* const link : loop->links)
                open.push_back(link->weak_from_this());
            for (auto const& weak : open)
                if (auto const link = weak.lock()) link->end(close_going_away, "stopping");
        });
    {
        std::unique_lock lock(hub_->empty_mutex);
        hub_->empty.wait_for(lock, hub_->options.limits.closing, [this] { return hub_->open_total == 0; });
    }
    for (auto const& loop : loops_)
        loop->io().stop();
    for (auto& thread : threads_)
        thread.join();
    acceptor_.reset();
    pause_.reset();
    for (auto const& loop : loops_)
        loop->end();
    log::info("gateway.stopped", {{"port", port_}});
}

void Gateway::Impl::close_device(std::string device_id)
{
    auto const shared = std::make_shared<std::string>(std::move(device_id));
    for (auto const& loop : loops_)
        loop->post([loop = loop.get(), shared] {
            std::vector<std::weak_ptr<Link>> open;
            for (auto* const link : loop->links)
                if (link->device_id == *shared) open.push_back(link->weak_from_this());
            for (auto const& weak : open)
                if (auto const link = weak.lock()) link->end(close_policy, "dropped");
        });
}

Counters Gateway::Impl::counters() const
{
    auto const open = [this](Kind kind) { return hub_->open.at(static_cast<std::size_t>(kind)).load(); };
    Counters now{.accepted = hub_->accepted,
                 .refused_total = hub_->refused_total,
                 .refused_per_address = hub_->refused_per_address,
                 .accept_errors = hub_->accept_errors,
                 .open_handshakes = open(Kind::handshake),
                 .open_agents = open(Kind::agent),
                 .open_browsers = open(Kind::browser),
                 .open_live = open(Kind::live),
                 .handshakes_failed = {},
                 .agent_messages_in = hub_->agent_messages_in,
                 .agent_messages_out = hub_->agent_messages_out,
                 .agent_messages_refused = hub_->agent_messages_refused,
                 .live_messages_out = hub_->live_messages_out,
                 .http_requests = hub_->http_requests,
                 .bytes_in = hub_->bytes_in,
                 .bytes_out = hub_->bytes_out};
    for (std::size_t i = 0; i < failure_words.size(); ++i)
        now.handshakes_failed.emplace_back(failure_words.at(i), hub_->failures.at(i).load());
    return now;
}

Gateway::Gateway(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl))
{
}

Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::start(Options options, HttpHandler& http, LiveHandler& live,
                                                AgentHandler& agents)
{
    auto impl = std::make_unique<Impl>(std::move(options), http, live, agents);
    if (auto const started = impl->start(); !started) return started.error();
    return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

Result<> Gateway::can_listen(Options const& options)
{
    asio::io_context context;
    tcp::acceptor trial(context);
    return open_acceptor(trial, options);
}

std::uint16_t Gateway::port() const { return impl_->port(); }
void Gateway::close_device(std::string device_id) { impl_->close_device(std::move(device_id)); }
Counters Gateway::counters() const { return impl_->counters(); }
bool Gateway::alive(std::chrono::milliseconds limit) const { return impl_->alive(limit); }
Result<> Gateway::show_browsers(BrowserCertificate const& certificate) { return impl_->show_browsers(certificate); }
Result<> Gateway::use_certificates(TlsMaterial const& material) { return impl_->use_certificates(material); }
void Gateway::stop() { impl_->stop(); }

} // namespace rollcall::gateway
