#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/updates/releases.hpp"
#include "common/core/clock.hpp"
#include "common/release/manifest.hpp"

/// Which release a device is offered, and if none, why not. Pure.
namespace rollcall::updates
{

/// What counts for one device, and at which level it was said: "device", "customer", "collector", or "" where nobody
/// said anything.
struct EffectivePolicy {
    release::Channel channel = release::Channel::stable;
    std::string channel_from;
    std::optional<release::Version> pinned;
    std::string pinned_from;
    bool paused = false;
    std::string paused_from;
};
/// Of each thing that can be said, the nearest level that says it wins.
[[nodiscard]] EffectivePolicy merge(store::UpdatePolicy const& collector, store::UpdatePolicy const& customer,
                                    store::UpdatePolicy const& device);

/// A release with what this collector knows of it.
struct Candidate {
    std::shared_ptr<Release const> release;
    UnixMs first_seen_ms{}; ///< Its waves begin here.
    std::string stopped;    ///< Why it is not offered any more: "3 of 12 devices failed"; "" = it is.
};

/// Attempts of one device, by version.
using Attempts = std::map<std::string, store::UpdateAttempt, std::less<>>;

struct Question {
    std::string_view device_id;
    std::string_view version; ///< That runs there.
    std::string_view system;  ///< linux, windows, macos; "" = not known yet.
    EffectivePolicy policy;
    Attempts const* attempts = nullptr; ///< nullptr: none.
    std::size_t under_way = 0;          ///< Devices that are, this one not counted.
    bool just_connected = false;        ///< What it was offered before may have been lost with its connection.
    UnixMs now_ms{};
};

struct Verdict {
    std::shared_ptr<Release const> offer;  ///< To be offered now; nullptr: nothing.
    std::string word;                      ///< One of verdict_words().
    std::string reason;                    ///< In words, for people.
    std::optional<release::Version> about; ///< The version that all this is about.
    std::optional<UnixMs> opens_ms;        ///< Where it waits for its wave.
};
/// offered, under_way, current, none, paused, pinned, waiting, queued, failed, refused, stopped, unfit, unknown.
[[nodiscard]] std::vector<std::string> verdict_words();

/// `candidates`: newest version first.
[[nodiscard]] Verdict decide(Question const& question, std::vector<Candidate> const& candidates);

/// Where a device stands among all for a release: 0 to 9999, the same each time, another one for each release.
[[nodiscard]] std::int64_t bucket(std::string_view device_id, release::Version version);
/// When the device's wave begins, and which one it is (from 0); nothing: no wave reaches it.
struct Turn {
    std::size_t wave{};
    UnixMs opens_ms{};
};
[[nodiscard]] std::optional<Turn> turn_of(std::string_view device_id, Candidate const& candidate);

/// Did so many fail that nobody else should try?
[[nodiscard]] bool stops(store::UpdateResults const& results);
[[nodiscard]] std::string stopped_words(store::UpdateResults const& results);

/// States of an attempt. Besides these there is `asked`: somebody wants it once more, and it was not offered yet.
[[nodiscard]] bool is_offer(std::string_view state);     ///< offered, offered_again: sent, and nothing heard since.
[[nodiscard]] bool is_under_way(std::string_view state); ///< Those, and downloading, ready, trial.
[[nodiscard]] bool is_failure(std::string_view state);   ///< failed, rolled_back.
[[nodiscard]] bool is_told(std::string_view state);      ///< What a device may say.

} // namespace rollcall::updates
