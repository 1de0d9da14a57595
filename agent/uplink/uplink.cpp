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

#include "agent/uplink/session.hpp"
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
        , tls_(tls.release())
        , spool_(spool)
        , outbox_(outbox_settings(options_))
        , backoff_(options_.backoff,
                   [engine = std::mt19937_64(std::random_device{}())]() mutable {
                       return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
                   })
        , pause_(loop_)
    {
        set_state(Status::State::connecting);
        asio::co_spawn(loop_, keep_connected(), [this](std::exception_ptr thrown) { ended(thrown); });
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
            if (session_) session_->stop(reason);
        });
        {
            std::unique_lock lock(mutex_);
            if (!ended_signal_.wait_for(lock, stop_limit, [this] { return ended_; }))
                log::warning("uplink.cut", {{"why", "no orderly end within the limit"}});
        }
        loop_.stop();
        thread_.join();
        // What the spool's thread still does for us posts its answer to our loop, which must live until then.
        spool_.call<bool>([](spool::Spool&) { return true; });
        session_.reset(); // Its socket must not outlive the loop.
        set_state(Status::State::stopped);
    }

private:
    static Outbox::Settings outbox_settings(Options const& options)
    {
        Outbox::Settings settings;
        settings.checked_every = options.checked_every;
        return settings;
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
        ended_ = true;
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

    asio::awaitable<void> keep_connected()
    {
        constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
        bool epoch_was_new = false;
        while (!stopping_) {
            set_state(Status::State::connecting);
            Session::Context context{.address = address_,
                                     .proxy = options_.proxy,
                                     .tls = tls_,
                                     .spool = spool_,
                                     .outbox = outbox_,
                                     .clock = *options_.clock,
                                     .device_id = options_.identity.device_id,
                                     .boot_id = options_.boot_id,
                                     .heartbeat = options_.heartbeat,
                                     .connected = [this] { connected(); },
                                     .acknowledged = [this] { acknowledged(); }};
            session_.emplace(std::move(context));
            auto const end = co_await session_->run();
            session_.reset();
            note_end(end);
            if (stopping_) break;
            // Once: a collector that is never content must not be asked without a pause.
            if (end.new_epoch && !std::exchange(epoch_was_new, true)) continue;
            epoch_was_new = false;

            set_state(Status::State::waiting);
            pause_.expires_after(end.refused ? backoff_.next_after_refusal() : backoff_.next());
            co_await pause_.async_wait(quietly);
        }
    }

    void connected()
    {
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
    asio::ssl::context tls_;
    spool::SpoolThread& spool_;
    Outbox outbox_;
    Backoff backoff_;
    std::optional<Session> session_;
    bool stopping_ = false; ///< Used on the loop only.

    mutable std::mutex mutex_;
    std::condition_variable ended_signal_;
    bool ended_ = false;
    Status status_;

    asio::io_context loop_{1}; ///< After what its coroutines refer to.
    asio::steady_timer pause_;
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
