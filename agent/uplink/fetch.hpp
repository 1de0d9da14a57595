#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "common/core/result.hpp"
#include "common/core/stop.hpp"

namespace rollcall::uplink
{

using namespace std::chrono_literals;

struct FetchOptions {
    std::filesystem::path folder; ///< State folder: whose collector, which CA, which proxy.
    std::string target;           ///< "/install/files/…"
    std::string etag;             ///< Of the very bytes that are wanted: a part of others is not gone on with.
    std::uint64_t bytes{};        ///< How many there are; not one more is read.
    std::filesystem::path part;   ///< Where they go; what is there already is not fetched again.
    /// After so long without a byte the connection is given up.
    std::chrono::milliseconds idle = 30s;
    /// After each piece that was written; may be empty. For tests, which end the program there.
    std::function<void(std::uint64_t have_bytes)> written;
};

/// Fetches a file from the collector over a connection of its own, without a certificate of ours, and goes on where an
/// earlier try was interrupted (RFC 9110 §14). Whether they are the right bytes is not looked at, but how many.
///
/// errc::not_found: the collector has no such file; errc::refused with its status; errc::limit_exceeded: it sends more
/// than there are; errc::busy, errc::io, errc::timed_out: try again, the part stays; errc::cancelled.
/// Threads: any.  Blocks: until it is done, or soon after `stop`.
[[nodiscard]] Result<> fetch(FetchOptions const& options, Stop& stop);

/// Where an answer of the collector begins: 0 for a whole one (200), `have` for the rest (206 with the right
/// Content-Range). errc::… as above. Pure.
[[nodiscard]] Result<std::uint64_t> answer_begins(int status, std::string const& content_range, std::uint64_t have,
                                                  std::uint64_t bytes);

} // namespace rollcall::uplink
