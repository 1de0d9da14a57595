#include "agent/uplink/uplink.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/uplink/ask.hpp"
#include "agent/uplink/renewal.hpp"
#include "agent/uplink/session.hpp"
#include "common/core/version.hpp"
#include "common/log/log.hpp"
#include "common/net/address.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;

std::string_view to_string(Status::State state)
{
    switch (state) {
    case Status::State::stopped:
        return "stopped";
    case Status::State::connecting:
        return "connecting";
    case Status::State::connected:
        return "connected";
    case Status::State::waiting:
        return "waiting";
    }
    return "stopped";
}

class Uplink::Body
{
public:
    Body(Options options, net::Address address, net::Context tls, spool::SpoolThread& spool)
        : options_(std::move(options))
        , address_(std::move(address))
        , tls_(std::make_shared<asio::ssl::context>(tls.release()))
        , spool_(spool)
        , outbox_(outbox_settings(options_))
        , backoff_(options_.backoff, random_)
        , pause_(loop_)
        , renew_pause_(loop_)
    {
        if (!options_.renew_due) options_.renew_due = renewal_due;
        set_state(Status::State::connecting);
        asio::co_spawn(loop_, keep_connected(), [this](std::exception_ptr thrown) { ended(thrown); });
        asio::co_spawn(loop_, keep_renewed(), [this](std::exception_ptr thrown) { ended(thrown); });
        thread_ = std::thread([this] { loop_.run(); });
    }

    ~Body() { stop("stopped"); }

    void appended(wire::Lane lane)
    {
        asio::post(loop_, [this, lane] {
            outbox_.appended(lane);
            if (session_) session_->wake();
        });
    }

    void checked(std::string probe, UnixMs taken_ms)
    {
        asio::post(loop_, [this, probe = std::move(probe), taken_ms] {
            outbox_.checked(probe, taken_ms);
            if (session_) session_->wake();
        });
    }

    Status status() const
    {
        std::lock_guard const lock(mutex_);
        return status_;
    }

    void stop(std::string_view reason)
    {
        if (!thread_.joinable()) return;
        asio::post(loop_, [this, reason = std::string(reason)] {
            stopping_ = true;
            pause_.cancel();
            renew_pause_.cancel();
            if (session_) session_->stop(reason);
            if (renewal_) renewal_->close();
        });
        if (!ended_within(stop_limit)) {
            log::warning("uplink.cut", {{"why", "no orderly end within the limit"}});
            // They end by themselves without a connection. One that is left where it waits could keep the loop, which
            // on some systems waits for all that was begun, from ending.
            asio::post(loop_, [this] {
                if (session_) session_->cut();
                if (renewal_) renewal_->close();
            });
            (void)ended_within(cut_limit);
        }
        loop_.stop();
        thread_.join();
        // What the spool's thread still does for us posts its answer to our loop, which must live until then.
        spool_.call<bool>([](spool::Spool&) { return true; });
        session_.reset(); // Its socket must not outlive the loop.
        renewal_.reset();
        set_state(Status::State::stopped);
    }

private:
    static Outbox::Settings outbox_settings(Options const& options)
    {
        Outbox::Settings settings;
        settings.checked_every = options.checked_every;
        return settings;
    }

    bool ended_within(std::chrono::milliseconds limit)
    {
        std::unique_lock lock(mutex_);
        return ended_signal_.wait_for(lock, limit, [this] { return working_ == 0; });
    }

    void set_state(Status::State state)
    {
        std::lock_guard const lock(mutex_);
        if (status_.state == state) return;
        status_.state = state;
        status_.since_ms = options_.clock->now_ms();
    }

    void ended(std::exception_ptr const& thrown)
    {
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (std::exception const& bug) {
                log::error("uplink.bug", {{"what", bug.what()}});
            }
        }
        std::lock_guard const lock(mutex_);
        --working_;
        ended_signal_.notify_all();
    }

    void note_end(Ended const& end)
    {
        if (end.refused && !stopping_)
            log::warning("uplink.refused", {{"error", end.why}, {"remedy", end.remedy}});
        else if (!stopping_)
            log::warning("uplink.lost", {{"error", end.why}});
        std::lock_guard const lock(mutex_);
        status_.problem = stopping_ ? std::string() : end.why.trace;
        status_.remedy = end.remedy;
    }

    Session::Context context()
    {
        return {.address = address_,
                .proxy = options_.proxy,
                .segments = segments_,
                .tls = tls_,
                .spool = spool_,
                .outbox = outbox_,
                .clock = *options_.clock,
                .device_id = options_.identity.device_id,
                .boot_id = options_.boot_id,
                .hardware = options_.hardware,
                .heartbeat = options_.heartbeat,
                .idle = options_.idle,
                .connected = [this](UnixMs server_ms) { connected(server_ms); },
                .acknowledged = [this] { acknowledged(); },
                .offered = options_.offered};
    }

    /// By the collector's clock, since ours may be a year off; unknown until the first welcome.
    [[nodiscard]] bool certificate_is_due() const
    {
        if (options_.folder.empty() || !server_ahead_ms_) return false;
        auto const due_ms = options_.renew_due(options_.identity.tls.certificate_pem);
        return due_ms && options_.clock->now_ms() + *server_ahead_ms_ >= *due_ms;
    }

    /// A new identity, which the next connection shows; one that is open goes on.
    asio::awaitable<Result<>> take_new_identity(std::optional<wire::Separate> separate)
    {
        renewal_.emplace(loop_.get_executor(), *tls_);
        Renewal const what{address_,          options_.proxy,  segments_,          spool_,
                           options_.identity, options_.folder, std::move(separate)};
        auto const fresh = co_await renew_identity(*renewal_, what);
        renewal_.reset();
        if (!fresh) co_return fresh.error();
        auto tls = net::make_agent_context(fresh->tls);
        if (!tls) co_return tls.error();
        options_.identity = *fresh;
        tls_ = std::make_shared<asio::ssl::context>(tls->release());
        co_return Result<>();
    }

    /// True: there is a new certificate.
    asio::awaitable<bool> renew()
    {
        if (renewal_ || options_.folder.empty()) co_return false;
        std::optional<wire::Separate> no_copy;
        auto const renewed = co_await take_new_identity(std::move(no_copy));
        if (renewed)
            log::info("uplink.renewed", {{"device", options_.identity.device_id}});
        else if (!stopping_)
            log::warning("uplink.not_renewed", {{"error", renewed.error()}});
        co_return renewed.has_value();
    }

    /// True: this machine, which runs from a copy of another one's disk, is a device of its own.
    asio::awaitable<bool> separate()
    {
        if (renewal_ || options_.folder.empty()) co_return false;
        wire::Separate wish;
        wish.host_name = options_.host_name;
        wish.boot_id = options_.boot_id;
        wish.agent_version = std::string(version());
        std::function<Result<wire::Hardware>(spool::Spool&)> read = [hardware = options_.hardware](spool::Spool&) {
            return Result<wire::Hardware>(hardware ? hardware() : wire::Hardware());
        };
        auto const hardware = co_await ask<wire::Hardware>(spool_, std::move(read));
        // A renewal that began meanwhile has the channel, and a stop has closed what there was.
        if (!hardware || renewal_ || stopping_) co_return false;
        wish.hardware = *hardware;
        auto const copy_of = options_.identity.device_id;
        std::optional<wire::Separate> asked(std::move(wish));
        auto const apart = co_await take_new_identity(std::move(asked));
        if (!apart) {
            if (!stopping_) log::warning("uplink.not_separated", {{"error", apart.error()}});
            std::lock_guard const lock(mutex_);
            status_.problem = apart.error().trace;
            co_return false;
        }
        log::warning("uplink.separated", {{"device", options_.identity.device_id}, {"copy_of", copy_of}});
        if (options_.separated) options_.separated(options_.identity.device_id);
        co_return true;
    }

    asio::awaitable<void> keep_renewed()
    {
        constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
        while (!stopping_) {
            auto pause = options_.renew_check;
            if (certificate_is_due()) {
                bool const renewed = co_await renew();
                if (!renewed) pause += std::chrono::duration_cast<std::chrono::milliseconds>(pause * random_());
            }
            if (stopping_) break;
            renew_pause_.expires_after(pause);
            co_await renew_pause_.async_wait(quietly);
        }
    }

    asio::awaitable<void> keep_connected()
    {
        constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
        bool epoch_was_new = false;
        while (!stopping_) {
            set_state(Status::State::connecting);
            session_.emplace(context());
            auto const end = co_await session_->run();
            session_.reset();
            note_end(end);
            if (stopping_) break;
            if (end.stalled) try_other_segments();
            if (end.expired) {
                bool const renewed = co_await renew();
                if (renewed) continue;
                if (stopping_) break;
            }
            if (end.copied) {
                bool const apart = co_await separate();
                if (apart) continue;
                if (stopping_) break;
            }
            // Once: a collector that is never content must not be asked without a pause.
            if (end.new_epoch && !std::exchange(epoch_was_new, true)) continue;
            epoch_was_new = false;

            set_state(Status::State::waiting);
            pause_.expires_after(end.refused ? backoff_.next_after_refusal() : backoff_.next());
            co_await pause_.async_wait(quietly);
        }
    }

    void try_other_segments()
    {
        segments_ = other(segments_);
        log::info("uplink.segments", {{"next", segments_ == Segments::small ? "small" : "usual"},
                                      {"why", "a connection stood and nothing came over it"}});
    }

    void connected(UnixMs server_ms)
    {
        server_ahead_ms_ = server_ms - options_.clock->now_ms();
        renew_pause_.cancel(); // Now it can be told whether the certificate is due.
        log::info("uplink.connected",
                  {{"collector", net::to_string(address_)}, {"device", options_.identity.device_id}});
        set_state(Status::State::connected);
        std::lock_guard const lock(mutex_);
        status_.problem.clear();
        status_.remedy.clear();
    }

    void acknowledged()
    {
        backoff_.acknowledged();
        std::lock_guard const lock(mutex_);
        status_.last_ack_ms = options_.clock->now_ms();
    }

    Options options_;
    net::Address address_;
    std::shared_ptr<asio::ssl::context> tls_;
    spool::SpoolThread& spool_;
    Outbox outbox_;
    std::function<double()> random_{[engine = std::mt19937_64(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    }};
    Backoff backoff_;
    std::optional<Session> session_;
    std::optional<Channel> renewal_;              ///< Beside the session, for as long as a renewal takes.
    std::optional<std::int64_t> server_ahead_ms_; ///< Of our clock.
    Segments segments_ = Segments::usual;         ///< Of the next connection.
    bool stopping_ = false;                       ///< Used on the loop only, as all above.

    mutable std::mutex mutex_;
    std::condition_variable ended_signal_;
    int working_ = 2; ///< keep_connected and keep_renewed.
    Status status_;

    asio::io_context loop_{1}; ///< After what its coroutines refer to.
    asio::steady_timer pause_;
    asio::steady_timer renew_pause_;
    std::thread thread_;
};

Result<std::unique_ptr<Uplink>> Uplink::start(Options options, spool::SpoolThread& spool)
{
    auto address = net::parse_address(options.identity.address);
    if (!address) return fail(address.error(), "uplink");
    auto tls = net::make_agent_context(options.identity.tls);
    if (!tls) return fail(tls.error(), "uplink");
    auto body = std::make_unique<Body>(std::move(options), std::move(*address), std::move(*tls), spool);
    return std::unique_ptr<Uplink>(new Uplink(std::move(body)));
}

Uplink::Uplink(std::unique_ptr<Body> body)
    : body_(std::move(body))
{
}
Uplink::~Uplink() = default;
void Uplink::appended(wire::Lane lane) { body_->appended(lane); }
void Uplink::checked(std::string probe, UnixMs taken_ms) { body_->checked(std::move(probe), taken_ms); }
Status Uplink::status() const { return body_->status(); }
void Uplink::stop(std::string_view reason) { body_->stop(reason); }

} // namespace rollcall::uplink
