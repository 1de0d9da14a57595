#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/client/settings.hpp"
#include "common/core/result.hpp"
#include "common/net/address.hpp"

namespace rollcall::client
{

struct Request {
    std::string method;
    std::string target; ///< Path and query, encoded.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::chrono::milliseconds silence; ///< The longest that is waited for the next bytes of the answer.
};

struct Answer {
    int status = 0;
    std::map<std::string, std::string, std::less<>> headers; ///< Names in lower case.
    std::string body;                                        ///< Empty where it was handed over in pieces.

    [[nodiscard]] std::string header(std::string_view name) const
    {
        auto const found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

/// What becomes of an answer's body while it comes. False: no more of it is wanted, and the connection is closed.
using Take = std::function<bool(std::string_view)>;
/// Who takes the body, once status and headers are known; nullptr: it is kept in the answer.
using Choose = std::function<Take(Answer const&)>;

/// One connection with the collector, opened when it is needed and again when it is lost: HTTP/1.1 over TLS, whose
/// other end has to prove who it is.
///
/// Owns: its socket.  Threads: one.  Blocks: ask() does.
class Connection
{
public:
    /// errc::bad_input: address, certificates or pin make no sense.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> make(Settings const& settings);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    /// errc::io, errc::timed_out: there is no answer, or not all of it. errc::limit_exceeded: it is too long to be
    /// kept.
    [[nodiscard]] Result<Answer> ask(Request const& request, Choose const& choose = nullptr);

private:
    struct Parts;
    explicit Connection(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace rollcall::client
