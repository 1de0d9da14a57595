#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::support
{

/// An HTTP proxy of the size of a test: real sockets, CONNECT to loopback, Basic authentication; and it can misbehave.
///
/// Owns: its thread and sockets.  Threads: any.  Blocks: no.
class FakeProxy
{
public:
    enum class Manner {
        forward,  ///< As a proxy does.
        hang,     ///< Reads and never answers.
        close,    ///< Closes after the request.
        forbid,   ///< Says 403 with a page behind it.
        chatter,  ///< Says 200, and then what no TLS server says.
        nonsense, ///< Answers with what is no HTTP.
    };

    /// With `credentials` ("user:password") it wants to be shown them.
    explicit FakeProxy(Manner manner = Manner::forward, std::string credentials = {});
    ~FakeProxy();
    FakeProxy(FakeProxy const&) = delete;
    FakeProxy& operator=(FakeProxy const&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// "http://127.0.0.1:port", or with `credentials` before it.
    [[nodiscard]] std::string url(std::string const& credentials = {}) const;
    /// The head of each request so far.
    [[nodiscard]] std::vector<std::string> requests() const;
    /// Every byte that went from the client through a tunnel.
    [[nodiscard]] std::string carried() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::support
