#pragma once

// Knows Asio: included by session.cpp and uplink.cpp only.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "agent/spool/spool_queue.hpp"
#include "agent/uplink/outbox.hpp"
#include "agent/uplink/proxy.hpp"
#include "agent/uplink/segments.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/net/address.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::uplink
{

/// How a session ended.
struct Ended {
    Error why{make_error_code(errc::cancelled), {}};
    bool acknowledged = false; ///< The collector stored something of ours, or had nothing to store and welcomed us.
    bool refused = false;      ///< It said no; trying again soon is useless.
    bool stalled = false;      ///< There was a connection, and then nothing came over it any more.
    bool new_epoch = false;    ///< The spool began anew: say hello again at once.
    bool expired = false;      ///< Our certificate ran out, says the collector: renew it.
    bool copied = false;       ///< We run from a copy of the device's disk, says the collector: separate.
    std::string remedy;
};

/// One connection, from the dial to its end.
///
/// Owns: the socket.
/// Threads: the event loop's.  Blocks: no; the spool is asked on its own thread.
class Session
{
public:
    struct Context {
        net::Address const& address;
        std::optional<Proxy> const& proxy; ///< On the way there.
        Segments segments{};
        std::shared_ptr<boost::asio::ssl::context> tls;
        spool::SpoolQueue& spool;
        Outbox& outbox;
        Clock const& clock;
        std::string const& device_id;
        std::string const& boot_id;
        std::function<wire::Hardware()> const& hardware; ///< Called on the spool's thread.
        std::chrono::milliseconds heartbeat;
        std::chrono::milliseconds idle;                          ///< Channel::stay
        std::function<void(UnixMs server_ms)> connected;         ///< After the welcome.
        std::function<void()> acknowledged;                      ///< At every acknowledgement.
        std::function<void(wire::Update const&)> const& offered; ///< May be empty: nobody takes updates.
    };

    explicit Session(Context context);
    ~Session();
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    /// Once; the Session must live until it returns.
    boost::asio::awaitable<Ended> run();
    /// The outbox has something to do.
    void wake();
    /// Send the events that wait, say goodbye, end.
    void stop(std::string reason);
    /// End without a word.
    void cut();

private:
    class Body;
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::uplink
