#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "agent/uplink/identity.hpp"
#include "common/core/result.hpp"
#include "common/core/stop.hpp"

namespace rollcall::agent
{

using namespace std::chrono_literals;

struct AwaitOptions {
    std::filesystem::path folder;     ///< State folder.
    std::filesystem::path token_file; ///< Where an installer or a person leaves a token.
    /// Gives this machine an identity, or says why not; asked to stop, it returns soon.
    std::function<Result<uplink::Identity>(std::string const& token, Stop& stop)> enrol;
    std::chrono::milliseconds look_every = 5s;
    /// A collector that could not be asked is tried again after this time, doubled each time up to the longest; with
    /// another token in the file at once.
    std::chrono::milliseconds away_for = 5s;
    std::chrono::milliseconds away_longest = 60s;
    /// A token that the collector refused is tried again after this time; another one in the file at once.
    std::chrono::milliseconds refused_for = 1h;
};

/// Waits until this machine has an identity: enrols it once with the token in the file, as soon as there is one and the
/// collector can be reached, and destroys the file. Where it has an identity already, the file is destroyed unused.
/// False where it was asked to stop before. The log says what it waits for, each reason once.
///
/// Threads: any.  Blocks: until then.
[[nodiscard]] bool await_identity(AwaitOptions const& options, Stop& stop);

/// For a machine that has an identity: a token that was left there again is of no use, and is destroyed.
void discard_token(std::filesystem::path const& token_file);

} // namespace rollcall::agent
