#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include "collector/gateway/http_session.hpp"
#include "collector/gateway/link.hpp"
#include "collector/gateway/raw_request.hpp"
#include "collector/gateway/websocket.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::gateway
{

namespace
{

constexpr std::size_t lane_count = 3;
constexpr std::size_t agent_queue_messages = 65'536;

std::size_t lane_index(std::string_view lane)
{
    for (auto const one : {wire::Lane::event, wire::Lane::state, wire::Lane::series})
        if (wire::to_string(one) == lane) return static_cast<std::size_t>(one);
    return lane_count;
}

/// The sequences a device has sent and not seen acknowledged, per lane: it must not run ahead without end.
class Window
{
public:
    /// False: the lane is full.
    bool sent(std::size_t lane, std::uint64_t sequence)
    {
        if (lane >= lane_count) return true;
        auto& waiting = waiting_.at(lane);
        if (waiting.size() >= wire::limits::unacknowledged_records) return false;
        waiting.push_back(sequence);
        return true;
    }
    void acknowledged(std::size_t lane, std::uint64_t sequence)
    {
        if (lane >= lane_count) return;
        auto& waiting = waiting_.at(lane);
        std::erase_if(waiting, [sequence](std::uint64_t one) { return one <= sequence; });
        if (waiting.empty()) waiting.shrink_to_fit(); // Most devices are idle, and there are many.
    }

private:
    std::array<std::vector<std::uint64_t>, lane_count> waiting_;
};

/// Lane and sequence of a record; other messages have none.
struct Place {
    std::size_t lane = lane_count;
    std::uint64_t sequence = 0;
};

struct PlaceOf {
    Place operator()(wire::Event const& record) const { return {lane_index("event"), record.sequence}; }
    Place operator()(wire::State const& record) const { return {lane_index("state"), record.sequence}; }
    Place operator()(wire::Series const& record) const { return {lane_index("series"), record.sequence}; }
    Place operator()(wire::Gap const& record) const { return {lane_index(record.lane), record.last}; }
    template <class Other>
    Place operator()(Other const&) const
    {
        return {};
    }
};

/// One device's session, from its certificate to its end.
///
/// Owns: its WebSocket.  Threads: the link's loop.  Blocks: no.
class AgentSession final : public Session, public std::enable_shared_from_this<AgentSession>
{
public:
    explicit AgentSession(std::shared_ptr<Link> link)
        : link_(std::move(link))
        , handler_(link_->hub->agents)
        , resumed_(link_->stream.get_executor())
    {
        link_->session = this;
    }
    ~AgentSession() override
    {
        leave();
        link_->session = nullptr;
    }

    Work run(std::shared_ptr<Upgrade> upgrade);

    /// Takes the name and the fingerprint from the certificate. False: it has no device's name.
    bool read_certificate();

    void send(std::string text, Place acknowledged);
    void refuse(wire::Refused const& why);
    void resume()
    {
        paused_ = false;
        resumed_.set();
    }

    void end(std::uint16_t code, std::string_view why) override
    {
        give_reason(why);
        ending_ = true;
        if (!socket_) return link_->stream.close();
        socket_->close(code, why);
        resumed_.set();
    }
    void cut() override { resumed_.set(); }

private:
    /// False: the session is over.
    bool hello(std::string_view text);
    /// It wants a certificate: the handler answers, and nothing else is said on this connection.
    template <class Wish>
    void ask(Wish wish, void (AgentHandler::*how)(AgentPeer const&, Wish, std::shared_ptr<AgentSocket>));
    bool take(std::string_view text);
    bool take_record(wire::FromAgent record);
    void bad_message(Error const& error);
    void heartbeat(std::string_view payload);
    void watch() { link_->set_deadline(link_->hub->options.limits.silence, "silent", Progress::received); }
    void give_reason(std::string_view why)
    {
        if (reason_.empty()) reason_ = why;
    }
    void leave();

    std::shared_ptr<Link> link_;
    AgentHandler& handler_;
    std::shared_ptr<WebSocket> socket_;
    AgentPeer peer_;
    Window window_;
    Signal resumed_;
    std::string reason_; ///< Why it ended; the first one counts.
    bool connected_ = false;
    bool asking_ = false; ///< For a certificate: nothing else is said on this connection.
    bool refused_ = false;
    bool ending_ = false;
    bool paused_ = false;
    bool told_unknown_ = false;
};

/// What the pipeline holds; safe on any thread and after the session's end.
class Outbox final : public AgentSocket
{
public:
    Outbox(std::shared_ptr<Loop> loop, std::weak_ptr<AgentSession> session)
        : loop_(std::move(loop))
        , session_(std::move(session))
    {
    }

    void send(wire::FromCollector message) override
    {
        Place acknowledged;
        if (auto const* const ack = std::get_if<wire::Ack>(&message))
            acknowledged = {lane_index(ack->lane), ack->sequence};
        auto text = std::make_shared<std::string>(wire::encode(message));
        loop_->post([session = session_, text, acknowledged] {
            if (auto const open = session.lock()) open->send(std::move(*text), acknowledged);
        });
    }

    void refuse(wire::Refused why) override
    {
        loop_->post([session = session_, why = std::move(why)] {
            if (auto const open = session.lock()) open->refuse(why);
        });
    }

private:
    std::shared_ptr<Loop> loop_;
    std::weak_ptr<AgentSession> session_;
};

bool AgentSession::read_certificate()
{
    net::Certificate const certificate(SSL_get1_peer_certificate(&link_->stream.ssl()));
    if (!certificate) return false;
    auto const begins_s = net::not_before(*certificate);
    auto const ends_s = net::not_after(*certificate);
    peer_ = {.connection = link_->id,
             .fingerprint = net::fingerprint(*certificate),
             .device_id = net::common_name(*certificate),
             .remote = link_->remote,
             .issued_ms = begins_s ? *begins_s * 1000 : 0,
             .expires_ms = ends_s ? *ends_s * 1000 : 0};
    link_->device_id = peer_.device_id;
    return is_uuid(peer_.device_id);
}

void AgentSession::send(std::string text, Place acknowledged)
{
    if (refused_) return;
    window_.acknowledged(acknowledged.lane, acknowledged.sequence);
    if (socket_->send(std::move(text))) {
        ++link_->hub->agent_messages_out;
        return;
    }
    log::warning("agent.slow",
                 {{"device", peer_.device_id}, {"limit_bytes", link_->hub->options.limits.agent_queue_bytes}});
    give_reason("slow");
    link_->stream.close();
}

void AgentSession::refuse(wire::Refused const& why)
{
    if (refused_ || !socket_) return;
    refused_ = true;
    give_reason("refused");
    log::info("agent.refused",
              {{"device", peer_.device_id}, {"remote", peer_.remote}, {"reason", why.reason}, {"remedy", why.remedy}});
    // Where the queue is full the peer does not read, and would not read this either.
    if (!socket_->send(wire::encode(wire::FromCollector(why)))) return link_->stream.close();
    link_->end(close_policy, "refused");
    resumed_.set();
}

void AgentSession::bad_message(Error const& error)
{
    ++link_->hub->agent_messages_refused;
    log::warning("agent.bad_message", {{"device", peer_.device_id}, {"error", error}});
    refuse({.reason = "message", .remedy = error.trace});
}

bool AgentSession::hello(std::string_view text)
{
    auto message = wire::decode_from_agent(text);
    if (!message) {
        bad_message(message.error());
        return false;
    }
    if (asking_) {
        bad_message(fail(errc::bad_message, "type: after renew or separate nothing else is said"));
        return false;
    }
    if (auto* const wish = std::get_if<wire::Renew>(&*message)) {
        ask(std::move(*wish), &AgentHandler::renew);
        return true;
    }
    if (auto* const wish = std::get_if<wire::Separate>(&*message)) {
        ask(std::move(*wish), &AgentHandler::separate);
        return true;
    }
    auto* const said = std::get_if<wire::Hello>(&*message);
    if (said == nullptr) {
        bad_message(fail(errc::bad_message, "type: the first message must be hello"));
        return false;
    }
    if (said->device_id != peer_.device_id) {
        bad_message(fail(errc::bad_message, "hello.device_id: differs from the certificate's"));
        return false;
    }
    connected_ = true;
    link_->become(Kind::agent);
    watch();
    log::info("agent.connected", {{"device", peer_.device_id},
                                  {"remote", peer_.remote},
                                  {"connection", peer_.connection},
                                  {"version", clean_text(said->agent_version, 64)}});
    handler_.connected(peer_, std::move(*said), std::make_shared<Outbox>(link_->loop, weak_from_this()));
    return true;
}

template <class Wish>
void AgentSession::ask(Wish wish, void (AgentHandler::*how)(AgentPeer const&, Wish, std::shared_ptr<AgentSocket>))
{
    asking_ = true;
    // The answer comes from the store; then it is the device that ends the connection.
    link_->set_deadline(link_->hub->options.limits.answer, "renewal");
    (handler_.*how)(peer_, std::move(wish), std::make_shared<Outbox>(link_->loop, weak_from_this()));
}

bool AgentSession::take(std::string_view text)
{
    handler_.heard(peer_, 0);
    auto message = wire::decode_from_agent(text);
    if (!message) {
        if (message.error().code != errc::not_supported) {
            bad_message(message.error());
            return false;
        }
        if (!told_unknown_)
            log::info("agent.unknown_message", {{"device", peer_.device_id}, {"error", message.error()}});
        told_unknown_ = true;
        return true;
    }
    if (std::holds_alternative<wire::Hello>(*message) || std::holds_alternative<wire::Renew>(*message) ||
        std::holds_alternative<wire::Separate>(*message)) {
        bad_message(fail(errc::bad_message, "type: hello is said once, and renew or separate instead of it"));
        return false;
    }
    if (std::holds_alternative<wire::Series>(*message)) {
        bad_message(fail(errc::bad_message, "type: series travel as readings"));
        return false;
    }
    auto* const several = std::get_if<wire::Readings>(&*message);
    if (several == nullptr) return take_record(std::move(*message));
    auto records = wire::unpack(std::move(*several));
    if (!records) {
        bad_message(records.error());
        return false;
    }
    bool go_on = true;
    for (auto& record : *records) {
        if (!take_record(std::move(record))) return false;
        go_on = go_on && !paused_;
    }
    paused_ = !go_on;
    return true;
}

/// Each is kept by the handler, whatever it says about more.
bool AgentSession::take_record(wire::FromAgent record)
{
    auto const place = std::visit(PlaceOf{}, record);
    if (!window_.sent(place.lane, place.sequence)) {
        ++link_->hub->agent_messages_refused;
        refuse({.reason = "protocol",
                .remedy = fmt::format("at most {} records of a lane may wait for their acknowledgement",
                                      wire::limits::unacknowledged_records)});
        return false;
    }
    if (std::holds_alternative<wire::Goodbye>(record)) give_reason("goodbye");
    paused_ = true; // Until we know better: `resume` may already be on its way.
    resumed_.reset();
    auto const resume = [loop = link_->loop, session = weak_from_this()] {
        loop->post([session] {
            if (auto const open = session.lock()) open->resume();
        });
    };
    if (handler_.received(peer_, std::move(record), resume)) paused_ = false;
    return true;
}

void AgentSession::heartbeat(std::string_view payload)
{
    if (!connected_ || refused_) return;
    UnixMs clock = 0;
    auto const [end, error] = std::from_chars(payload.data(), payload.data() + payload.size(), clock);
    if (error != std::errc() || end != payload.data() + payload.size() || clock < 0) clock = 0;
    handler_.heard(peer_, clock);
}

void AgentSession::leave()
{
    if (!connected_) return;
    connected_ = false;
    give_reason(link_->overdue() == "silent" ? "silent" : "closed");
    log::info("agent.closed", {{"device", peer_.device_id}, {"connection", peer_.connection}, {"reason", reason_}});
    handler_.closed(peer_, reason_);
}

Work AgentSession::run(std::shared_ptr<Upgrade> upgrade)
{
    auto const& limits = link_->hub->options.limits;
    WebSocket::Settings const settings{.message_bytes = limits.message_bytes,
                                       .queue_bytes = limits.agent_queue_bytes,
                                       .queue_messages = agent_queue_messages};
    socket_ = WebSocket::make(link_, settings);
    socket_->on_heartbeat = [this](std::string_view payload) { heartbeat(payload); };
    auto const error = co_await socket_->accept(*upgrade->raw, wire::subprotocol);
    upgrade.reset();
    if (error) co_return;

    using What = WebSocket::Received::What;
    for (;;) {
        auto const received = co_await socket_->read();
        if (received.what == What::too_big) {
            ++link_->hub->agent_messages_refused;
            log::warning("agent.message_too_long",
                         {{"device", peer_.device_id}, {"limit_bytes", limits.message_bytes}});
            give_reason("too_big");
        }
        if (received.what != What::text && received.what != What::binary) break;
        if (refused_) continue; // Only the answer to our close is still of interest.
        if (received.what == What::binary) {
            give_reason("refused");
            log::warning("agent.binary_message", {{"device", peer_.device_id}});
            link_->end(close_unsupported, "text messages only");
            refused_ = true;
            continue;
        }
        ++link_->hub->agent_messages_in;
        bool const going_on = connected_ ? take(received.text) : hello(received.text);
        if (!going_on || !paused_) continue;
        // Nothing is read now, so nothing can be heard: silence is not the device's fault.
        link_->clear_deadline();
        co_await resumed_.wait();
        if (!ending_) watch();
    }
    if (!connected_ && link_->overdue() == "handshake" && link_->hub->noise.allow("agent.no_hello"))
        log::warning("agent.no_hello", {{"device", peer_.device_id}, {"remote", peer_.remote}});
    socket_->on_heartbeat = nullptr;
    leave();
    link_->stream.close();
}

} // namespace

Work serve_agent(std::shared_ptr<Link> link)
{
    auto const session = std::make_shared<AgentSession>(link);
    if (!session->read_certificate()) {
        if (link->hub->noise.allow("agent.no_name"))
            log::warning("agent.no_name",
                         {{"remote", link->remote}, {"remedy", "the certificate's common name must be a device id"}});
        link->stream.close();
        co_return;
    }
    auto upgrade = co_await read_agent_upgrade(*link);
    if (upgrade) co_await session->run(std::move(upgrade));
    link->stream.close();
}

} // namespace rollcall::gateway
