#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/release/manifest.hpp"

/// Which program of the agent runs, and what becomes of an offered one. Pure: what is decided here is written down and
/// done elsewhere (store.hpp, updater.hpp).
namespace rollcall::update
{

using release::Version;

/// Every limit of an update, with its name and its default. README.md of this folder explains them to people.
struct Limits {
    std::chrono::seconds trial{300}; ///< Each start of a new program has so long to be connected and acknowledged.
    std::chrono::seconds hang{30};   ///< After so long beyond that it is ended from outside.
    int starts = 3;                  ///< So often it is started.
};
/// Versions that failed are remembered up to here.
inline constexpr std::size_t failures_kept = 16;
/// What could not be told yet, likewise.
inline constexpr std::size_t notices_kept = 32;

/// Where an update stands, as the collector is told.
enum class State { downloading, ready, trial, confirmed, failed, rolled_back, refused };
[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> state_of(std::string_view word);

/// An event agent_update.
struct Notice {
    Version version;
    Version from; ///< What ran before.
    State state{};
    std::string reason;
    UnixMs at_ms{};
    bool operator==(Notice const&) const = default;
};

struct Trial {
    Version version;
    Version from;                ///< What ran before.
    std::string manifest_sha256; ///< See Failure.
    int attempts{};              ///< How often it was started.
    UnixMs since_ms{};
    bool operator==(Trial const&) const = default;
};

struct Failure {
    Version version;
    std::string manifest_sha256; ///< Of the very release: one that is mended has another.
    std::string reason;
    UnixMs at_ms{};
    bool operator==(Failure const&) const = default;
};

/// What must outlive a loss of power: update.json.
struct Memory {
    std::optional<Version> active;   ///< Confirmed, and runs in the installed one's place.
    std::optional<Version> previous; ///< Confirmed before it: the way back.
    std::optional<Version> highest;  ///< That ever was confirmed here.
    std::optional<Version> wanted;   ///< Its manifest lies in its folder; the program is on its way.
    std::optional<Trial> trial;
    std::vector<Failure> failures; ///< Newest last.
    std::vector<Notice> untold;    ///< Not in the spool yet.
    bool operator==(Memory const&) const = default;
};

/// What runs if nothing goes wrong: no version is the installed program.
struct Next {
    std::optional<Version> version;
    bool on_trial = false;
    bool operator==(Next const&) const = default;
};

/// For the start of a program: forgets what the installed one has overtaken, gives up a trial that had its starts, and
/// counts the start of one that goes on. What it changed must be on the disk before the program starts.
[[nodiscard]] Next next_program(Memory& memory, Version installed, Limits const& limits, UnixMs now_ms);

/// It does not verify, or cannot be started: never again, unless it is retried.
void give_up(Memory& memory, Version version, std::string manifest_sha256, std::string reason, Version running,
             UnixMs now_ms);

/// The program on trial is connected, and something of it is acknowledged.
void confirm(Memory& memory, UnixMs now_ms);

/// Back to what ran before the trial.
void roll_back(Memory& memory, std::string reason, UnixMs now_ms);

/// What was wanted is there whole: it runs next, on trial.
void begin_trial(Memory& memory, Version running, std::string manifest_sha256, UnixMs now_ms);

/// May this release be taken? True: it is to be fetched. False: it is on its way already. errc::refused with the
/// reason: not newer than what runs or ever was confirmed, or failed before, unless a technician asks for it `again`.
[[nodiscard]] Result<bool> judge(Memory const& memory, release::Manifest const& manifest,
                                 std::string_view manifest_sha256, bool again, Version running);

/// The newest failure is forgotten, and wanted again. False: there is none that is newer than `running`.
[[nodiscard]] bool retry(Memory& memory, Version running);

/// Whose folders stay; all others may go. That of the newest failure is among them, to be retried.
[[nodiscard]] std::set<Version> kept(Memory const& memory);

void note(Memory& memory, Notice notice);

} // namespace rollcall::update
