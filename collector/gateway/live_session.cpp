#include <atomic>
#include <optional>

#include "collector/gateway/http_session.hpp"
#include "collector/gateway/link.hpp"
#include "collector/gateway/raw_request.hpp"
#include "collector/gateway/request.hpp"
#include "collector/gateway/websocket.hpp"

namespace rollcall::gateway
{

namespace
{

/// Whatever the number of messages allows.
constexpr std::size_t live_queue_bytes = 4UL * 1024 * 1024;

using Factory = std::function<std::unique_ptr<LiveClient>(std::shared_ptr<LiveSocket>)>;

/// What the LiveHandler decided, on the link's loop.
struct Verdict {
    explicit Verdict(asio::any_io_executor const& executor)
        : given(executor)
    {
    }
    Signal given;
    std::optional<HttpResponse> refusal;
    Factory factory;
};

/// What the handler's two functions share; they may be called on any thread and at any time, but once.
class Judge
{
public:
    Judge(std::shared_ptr<Loop> loop, std::weak_ptr<Verdict> verdict)
        : loop_(std::move(loop))
        , verdict_(std::move(verdict))
    {
    }
    template <class Change>
    void decide(Change change)
    {
        if (decided_.exchange(true)) return log::error("live.decided_twice");
        loop_->post([verdict = verdict_, change = std::move(change)] {
            auto const waiting = verdict.lock();
            if (!waiting) return;
            change(*waiting);
            waiting->given.set();
        });
    }

private:
    std::shared_ptr<Loop> loop_;
    std::weak_ptr<Verdict> verdict_;
    std::atomic<bool> decided_{false};
};

/// One browser's live feed.
///
/// Owns: its WebSocket and the handler's client.  Threads: the link's loop.  Blocks: no.
class LiveSession final : public Session, public std::enable_shared_from_this<LiveSession>
{
public:
    explicit LiveSession(std::shared_ptr<Link> link)
        : link_(std::move(link))
    {
        link_->session = this;
    }
    ~LiveSession() override { link_->session = nullptr; }

    Work run(std::shared_ptr<Upgrade> upgrade);

    void send(std::string text)
    {
        if (socket_->send(std::move(text))) {
            ++link_->hub->live_messages_out;
            return;
        }
        log::warning("live.slow",
                     {{"remote", link_->remote}, {"limit_messages", link_->hub->options.limits.live_queue_messages}});
        // The close frame stands behind what the browser does not read; so much time it has.
        link_->end(close_try_again, "too far behind");
    }

    void end(std::uint16_t code, std::string_view why) override
    {
        ending_ = true;
        if (!socket_) return link_->stream.close();
        socket_->close(code, why);
    }
    void cut() override
    {
        if (verdict_) verdict_->given.set();
    }
    void tick(Steady::time_point now) override
    {
        if (!open_ || ending_ || now < next_ping_) return;
        next_ping_ = now + link_->hub->options.limits.live_ping;
        socket_->ping();
    }

private:
    void start(Factory const& factory);

    std::shared_ptr<Link> link_;
    std::shared_ptr<WebSocket> socket_;
    std::shared_ptr<Verdict> verdict_;
    std::unique_ptr<LiveClient> client_;
    Steady::time_point next_ping_;
    bool open_ = false;
    bool ending_ = false;
};

/// What the feed holds; safe on any thread and after the session's end.
class LiveOutbox final : public LiveSocket
{
public:
    LiveOutbox(std::shared_ptr<Loop> loop, std::weak_ptr<LiveSession> session, std::shared_ptr<Link> const& link)
        : loop_(std::move(loop))
        , session_(std::move(session))
        , link_(link)
    {
    }
    void send(std::string text) override
    {
        auto shared = std::make_shared<std::string>(std::move(text));
        loop_->post([session = session_, shared] {
            if (auto const open = session.lock()) open->send(std::move(*shared));
        });
    }
    void close(std::uint16_t code, std::string reason) override
    {
        loop_->post([link = link_, code, reason = std::move(reason)] {
            if (auto const open = link.lock()) open->end(code, reason);
        });
    }

private:
    std::shared_ptr<Loop> loop_;
    std::weak_ptr<LiveSession> session_;
    std::weak_ptr<Link> link_;
};

void LiveSession::start(Factory const& factory)
{
    auto const& limits = link_->hub->options.limits;
    open_ = true;
    next_ping_ = Steady::now() + limits.live_ping;
    link_->become(Kind::live);
    link_->set_deadline(limits.live_ping * 5 / 2, "silent", Progress::received);
    client_ = factory(std::make_shared<LiveOutbox>(link_->loop, weak_from_this(), link_));
}

Work LiveSession::run(std::shared_ptr<Upgrade> upgrade)
{
    auto const& limits = link_->hub->options.limits;
    auto const verdict = std::make_shared<Verdict>(link_->stream.get_executor());
    verdict_ = verdict;
    auto const judge = std::make_shared<Judge>(link_->loop, verdict);
    HttpRequest shown;
    shown.id = upgrade->request.id;
    LiveHandler::Decision decision{
        .refuse =
            [judge](HttpResponse response) {
                auto shared = std::make_shared<HttpResponse>(std::move(response));
                judge->decide([shared](Verdict& given) { given.refusal = std::move(*shared); });
            },
        .accept =
            [judge](Factory factory) {
                judge->decide([factory = std::move(factory)](Verdict& given) { given.factory = factory; });
            }};
    link_->set_deadline(limits.answer, "answer");
    link_->hub->live.upgrade(std::move(upgrade->request), std::move(decision));
    co_await verdict->given.wait();
    verdict_ = nullptr;
    if (verdict->refusal) {
        co_await respond(*link_, shown, std::move(*verdict->refusal), false, false);
        co_return;
    }
    if (!verdict->factory || ending_) co_return;

    WebSocket::Settings const settings{.message_bytes = limits.live_message_bytes,
                                       .queue_bytes = live_queue_bytes,
                                       .queue_messages = limits.live_queue_messages};
    socket_ = WebSocket::make(link_, settings);
    link_->set_deadline(limits.handshake, "handshake");
    std::string_view const no_subprotocol;
    auto const error = co_await socket_->accept(*upgrade->raw, no_subprotocol);
    upgrade.reset();
    if (error) co_return;
    start(verdict->factory);
    verdict->factory = nullptr;

    using What = WebSocket::Received::What;
    for (;;) {
        auto const received = co_await socket_->read();
        if (received.what == What::binary) {
            link_->end(close_unsupported, "text messages only");
        } else if (received.what == What::text) {
            if (client_ && !ending_) client_->receive(received.text);
        } else {
            if (received.what == What::too_big && link_->hub->noise.allow("live.message_too_long"))
                log::warning("live.message_too_long",
                             {{"remote", link_->remote}, {"limit_bytes", limits.live_message_bytes}});
            break;
        }
    }
    open_ = false;
    client_ = nullptr;
}

} // namespace

Work serve_live(std::shared_ptr<Link> link, std::shared_ptr<Upgrade> upgrade)
{
    auto const session = std::make_shared<LiveSession>(link);
    co_await session->run(std::move(upgrade));
    link->stream.close();
}

} // namespace rollcall::gateway
