#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/uplink/identity.hpp"
#include "common/core/result.hpp"
#include "common/core/stop.hpp"

namespace rollcall::uplink
{

using namespace std::chrono_literals;

struct EnrolOptions {
    std::filesystem::path folder; ///< State folder; made where it is missing.
    std::string token;            ///< The word from the page.
    bool replace = false;         ///< Give up an identity that is already there.
    std::string proxy;            ///< URL of a proxy (HTTPS_PROXY); "" = the one of the state folder, if any.
    std::string no_proxy;         ///< NO_PROXY: hosts for which `proxy` does not count.
    std::string host_name;
    std::string hardware_id;               ///< "" = none could be read.
    std::chrono::milliseconds limit = 30s; ///< Of the whole conversation.
    Stop* stop = nullptr;                  ///< Ends the conversation before: errc::cancelled.
};

/// Gets this machine an identity: makes a key, asks the collector of the token for a certificate, saves both.
///
/// A proxy that it went through is kept in the state folder for the agent. The connection trusts only the CA whose
/// fingerprint the token carries. Nothing is changed where it fails: errc::refused with what the collector said and
/// what to do about it; errc::unauthenticated where it is not the collector of the token; errc::conflict where there is
/// an identity already; errc::io and errc::timed_out where it cannot be reached.
///
/// Threads: any.  Blocks: up to the limit.
[[nodiscard]] Result<Identity> enrol(EnrolOptions const& options);

/// What a collector that said no wants a person to know (RFC 9457): its detail and its remedy. Pure.
[[nodiscard]] Error enrolment_refusal(int status, std::string_view body);

} // namespace rollcall::uplink
