#include "agent/update/decide.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/core/text.hpp"

namespace rollcall::update
{

static constexpr std::array state_words = {
    std::string_view("downloading"), std::string_view("ready"),  std::string_view("trial"),
    std::string_view("confirmed"),   std::string_view("failed"), std::string_view("rolled_back"),
    std::string_view("refused"),
};

std::string_view to_string(State state) { return state_words.at(static_cast<std::size_t>(state)); }

std::optional<State> state_of(std::string_view word)
{
    auto const* const found = std::ranges::find(state_words, word);
    if (found == state_words.end()) return std::nullopt;
    return static_cast<State>(found - state_words.begin());
}

template <class T>
static void keep_newest(std::vector<T>& list, std::size_t most)
{
    if (list.size() > most) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(most));
}

/// Longest reason: all of them together fit the file.
static constexpr std::size_t reason_bytes = 500;

void note(Memory& memory, Notice notice)
{
    notice.reason = clean_text(notice.reason, reason_bytes);
    memory.untold.push_back(std::move(notice));
    keep_newest(memory.untold, notices_kept);
}

static void remember_failure(Memory& memory, Failure failure)
{
    failure.reason = clean_text(failure.reason, reason_bytes);
    std::erase_if(memory.failures, [&](Failure const& known) { return known.version == failure.version; });
    memory.failures.push_back(std::move(failure));
    keep_newest(memory.failures, failures_kept);
}

/// A package brought a newer program than all that was fetched: that one is the way on.
static void forget_overtaken(Memory& memory, Version installed)
{
    auto const overtaken = [installed](std::optional<Version> const& version) {
        return version && *version <= installed;
    };
    if (overtaken(memory.active)) memory.active.reset();
    if (overtaken(memory.previous)) memory.previous.reset();
    if (overtaken(memory.wanted)) memory.wanted.reset();
    if (memory.trial && memory.trial->version <= installed) memory.trial.reset();
    std::erase_if(memory.failures, [installed](Failure const& failure) { return failure.version <= installed; });
}

Next next_program(Memory& memory, Version installed, Limits const& limits, UnixMs now_ms)
{
    forget_overtaken(memory, installed);
    if (memory.trial && memory.trial->attempts >= limits.starts)
        roll_back(memory, fmt::format("started {} times, and never confirmed", memory.trial->attempts), now_ms);
    if (memory.trial) {
        ++memory.trial->attempts;
        return {.version = memory.trial->version, .on_trial = true};
    }
    return {.version = memory.active, .on_trial = false};
}

void give_up(Memory& memory, Version version, std::string manifest_sha256, std::string reason, Version running,
             UnixMs now_ms)
{
    if (memory.trial && memory.trial->version == version) memory.trial.reset();
    if (memory.wanted == version) memory.wanted.reset();
    if (memory.active == version) memory.active = std::exchange(memory.previous, std::nullopt);
    if (memory.previous == version) memory.previous.reset();
    note(memory, {.version = version, .from = running, .state = State::failed, .reason = reason, .at_ms = now_ms});
    remember_failure(memory, {.version = version,
                              .manifest_sha256 = std::move(manifest_sha256),
                              .reason = std::move(reason),
                              .at_ms = now_ms});
}

void confirm(Memory& memory, UnixMs now_ms)
{
    if (!memory.trial) return;
    auto const trial = *std::exchange(memory.trial, std::nullopt);
    auto const version = trial.version;
    memory.previous = std::exchange(memory.active, version);
    memory.highest = std::max(memory.highest.value_or(version), version);
    std::erase_if(memory.failures, [version](Failure const& failure) { return failure.version <= version; });
    note(memory, {.version = version, .from = trial.from, .state = State::confirmed, .reason = {}, .at_ms = now_ms});
}

void roll_back(Memory& memory, std::string reason, UnixMs now_ms)
{
    if (!memory.trial) return;
    auto trial = *std::exchange(memory.trial, std::nullopt);
    auto const version = trial.version;
    note(memory,
         {.version = version, .from = trial.from, .state = State::rolled_back, .reason = reason, .at_ms = now_ms});
    remember_failure(memory, {.version = version,
                              .manifest_sha256 = std::move(trial.manifest_sha256),
                              .reason = std::move(reason),
                              .at_ms = now_ms});
}

void begin_trial(Memory& memory, Version running, std::string manifest_sha256, UnixMs now_ms)
{
    if (!memory.wanted) return;
    auto const version = *std::exchange(memory.wanted, std::nullopt);
    memory.trial = Trial{.version = version,
                         .from = running,
                         .manifest_sha256 = std::move(manifest_sha256),
                         .attempts = 0,
                         .since_ms = now_ms};
    note(memory, {.version = version, .from = running, .state = State::ready, .reason = {}, .at_ms = now_ms});
}

Result<bool> judge(Memory const& memory, release::Manifest const& manifest, std::string_view manifest_sha256,
                   bool again, Version running)
{
    auto const version = manifest.version;
    if (memory.wanted == version || (memory.trial && memory.trial->version == version)) return false;
    if (version <= running)
        return fail(errc::refused,
                    fmt::format("{} is not newer than {}, which runs: an agent never goes back by itself",
                                to_string(version), to_string(running)));
    // The highest itself is no way back where something older runs, because its program was lost or damaged.
    if (memory.highest && version < *memory.highest)
        return fail(errc::refused, fmt::format("{} is older than {}, which ran here before: an agent never goes "
                                               "back by itself",
                                               to_string(version), to_string(*memory.highest)));
    auto const failed = std::ranges::find(memory.failures, version, &Failure::version);
    if (!again && failed != memory.failures.end() &&
        (failed->manifest_sha256.empty() || failed->manifest_sha256 == manifest_sha256))
        return fail(errc::refused,
                    fmt::format("{} failed here ({}): offer it again, release it anew, or run rollcall-agent update "
                                "--retry on this machine",
                                to_string(version), failed->reason));
    if (memory.trial)
        return fail(errc::refused, fmt::format("{} is on trial: it must be confirmed or rolled back first",
                                               to_string(memory.trial->version)));
    return true;
}

bool retry(Memory& memory, Version running)
{
    if (memory.trial || memory.wanted || memory.failures.empty()) return false;
    auto const version = memory.failures.back().version;
    if (version <= running) return false;
    memory.failures.pop_back();
    memory.wanted = version;
    return true;
}

std::set<Version> kept(Memory const& memory)
{
    std::set<Version> versions;
    for (auto const& one : {memory.active, memory.previous, memory.wanted})
        if (one) versions.insert(*one);
    if (memory.trial) versions.insert(memory.trial->version);
    if (!memory.failures.empty()) versions.insert(memory.failures.back().version);
    return versions;
}

} // namespace rollcall::update
