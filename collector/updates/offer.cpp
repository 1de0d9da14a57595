#include "collector/updates/offer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "collector/updates/limits.hpp"
#include "common/core/ids.hpp"

namespace rollcall::updates
{

namespace
{

constexpr std::int64_t buckets = 10'000;
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::array<std::string_view, 2> states_of_offer{"offered", "offered_again"};
constexpr std::array<std::string_view, 3> states_of_taking{"downloading", "ready", "trial"};
constexpr std::array<std::string_view, 2> states_of_failure{"failed", "rolled_back"};
constexpr std::array<std::string_view, 2> other_states{"confirmed", "refused"};

template <class Words>
bool is_among(Words const& words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

std::string where(std::string_view level)
{
    if (level == "device") return "for this device";
    if (level == "customer") return "for the customer";
    return "for all";
}

std::string with_reason(std::string_view what, std::string const& reason)
{
    return reason.empty() ? std::string(what) : fmt::format("{}: {}", what, reason);
}

Verdict say(std::string_view word, std::string reason)
{
    return {.offer = nullptr, .word = std::string(word), .reason = std::move(reason), .about = {}, .opens_ms = {}};
}

bool has_program(Release const& release, std::string_view system)
{
    return std::ranges::any_of(release.manifest.files, [system](release::File const& file) {
        return file.kind == "program" && file.system == system;
    });
}

/// What an earlier attempt with this very version has to say. Nothing: it may be tried (again).
std::optional<Verdict> earlier(Question const& question, std::string const& version)
{
    if (question.attempts == nullptr) return std::nullopt;
    auto const found = question.attempts->find(version);
    if (found == question.attempts->end()) return std::nullopt;
    auto const& attempt = found->second;
    auto const age_ms = question.now_ms - attempt.at_ms;
    if (is_failure(attempt.state)) return say("failed", with_reason("failed on this device", attempt.reason));
    if (attempt.state == "refused" && age_ms < limits::refused_again.count())
        return say("refused", with_reason("refused by the device", attempt.reason));
    if (!is_under_way(attempt.state) || age_ms >= limits::offer_again.count()) return std::nullopt;
    // From `ready` on the device does not need us any more.
    bool const may_be_lost = is_offer(attempt.state) || attempt.state == "downloading";
    if (question.just_connected && may_be_lost) return std::nullopt;
    auto words = attempt.state;
    std::ranges::replace(words, '_', ' ');
    return say("under_way", "under way: " + words);
}

Verdict judge(Question const& question, Candidate const& candidate)
{
    auto const& release = *candidate.release;
    if (question.system.empty()) return say("unknown", "its operating system is not known yet");
    if (!has_program(release, question.system))
        return say("unfit", fmt::format("the release has no program for {}", question.system));
    if (auto said = earlier(question, to_string(release.version()))) return *std::move(said);
    if (!candidate.stopped.empty()) return say("stopped", "stopped: " + candidate.stopped);
    // Whoever pins a version wants it now.
    if (!question.policy.pinned) {
        auto const turn = turn_of(question.device_id, candidate);
        if (!turn) return say("waiting", "no wave of the release reaches this device");
        if (turn->opens_ms > question.now_ms) {
            auto waits = say("waiting", fmt::format("waits for wave {}", turn->wave + 1));
            waits.opens_ms = turn->opens_ms;
            return waits;
        }
    }
    if (question.under_way >= limits::offers_at_once)
        return say("queued", fmt::format("waits until fewer than {} devices are under way", limits::offers_at_once));
    auto verdict = say("offered", "is offered now");
    verdict.offer = candidate.release;
    return verdict;
}

Verdict judge_pinned(Question const& question, release::Version runs, std::vector<Candidate> const& candidates)
{
    auto const wanted = *question.policy.pinned;
    auto const said = fmt::format("pinned to {} {}", to_string(wanted), where(question.policy.pinned_from));
    Verdict verdict;
    if (wanted == runs) {
        verdict = say("pinned", said);
    } else if (wanted < runs) {
        verdict = say("pinned", said + ", and what runs is newer: it never goes back by itself");
    } else {
        auto const found = std::ranges::find_if(
            candidates, [wanted](auto const& candidate) { return candidate.release->version() == wanted; });
        verdict = found == candidates.end() ? say("pinned", said + ", and there is no such release here")
                                            : judge(question, *found);
    }
    verdict.about = wanted;
    return verdict;
}

} // namespace

EffectivePolicy merge(store::UpdatePolicy const& collector, store::UpdatePolicy const& customer,
                      store::UpdatePolicy const& device)
{
    EffectivePolicy merged;
    auto const take = [&merged](store::UpdatePolicy const& policy, std::string_view level) {
        if (policy.channel)
            if (auto const channel = release::parse_channel(*policy.channel)) {
                merged.channel = *channel;
                merged.channel_from = level;
            }
        if (policy.pinned) {
            merged.pinned.reset();
            if (auto const version = release::parse_version(*policy.pinned)) merged.pinned = *version;
            merged.pinned_from = level;
        }
        if (policy.paused) {
            merged.paused = *policy.paused;
            merged.paused_from = level;
        }
    };
    take(collector, "collector");
    take(customer, "customer");
    take(device, "device");
    return merged;
}

std::vector<std::string> verdict_words()
{
    return {"offered", "under_way", "current", "none",    "paused", "pinned", "waiting",
            "queued",  "failed",    "refused", "stopped", "unfit",  "unknown"};
}

Verdict decide(Question const& question, std::vector<Candidate> const& candidates)
{
    auto const runs = release::parse_version(question.version);
    if (!runs) return say("unknown", "the version that runs there is not known");
    if (question.policy.paused) return say("paused", "paused " + where(question.policy.paused_from));
    if (question.policy.pinned) return judge_pinned(question, *runs, candidates);
    // The newest decides what is said; where it may not be had yet, an older one that is newer than what runs may.
    std::optional<Verdict> first;
    bool any = false;
    for (auto const& candidate : candidates) {
        if (!release::takes(question.policy.channel, candidate.release->manifest.channel)) continue;
        any = true;
        if (candidate.release->version() <= *runs) break;
        auto verdict = judge(question, candidate);
        verdict.about = candidate.release->version();
        // One step at a time: nothing else is offered meanwhile.
        if (verdict.offer || verdict.word == "under_way" || verdict.word == "queued") return verdict;
        if (!first) first = std::move(verdict);
    }
    if (first) return *std::move(first);
    if (any) return say("current", "runs the newest release of its channel, or a newer version");
    return say("none", fmt::format("there is no release of its channel ({}) in this collector",
                                   to_string(question.policy.channel)));
}

std::int64_t bucket(std::string_view device_id, release::Version version)
{
    auto const digest = sha256_hex(fmt::format("{} {}", device_id, to_string(version)));
    std::uint32_t number = 0;
    std::from_chars(digest.data(), digest.data() + 8, number, 16);
    return number % buckets;
}

std::optional<Turn> turn_of(std::string_view device_id, Candidate const& candidate)
{
    auto const& manifest = candidate.release->manifest;
    if (manifest.waves.empty()) return Turn{.wave = 0, .opens_ms = candidate.first_seen_ms};
    auto const place = bucket(device_id, manifest.version);
    for (std::size_t wave = 0; wave < manifest.waves.size(); ++wave) {
        auto const& [percent, after_h] = manifest.waves[wave];
        if (place < percent * (buckets / 100))
            return Turn{.wave = wave, .opens_ms = candidate.first_seen_ms + after_h * hour_ms};
    }
    return std::nullopt;
}

bool stops(store::UpdateResults const& results)
{
    return results.failed >= limits::failures_least && results.failed * 100 >= results.tried * limits::failures_percent;
}

std::string stopped_words(store::UpdateResults const& results)
{
    return fmt::format("{} of {} devices failed", results.failed, results.tried);
}

bool is_offer(std::string_view state) { return is_among(states_of_offer, state); }

bool is_under_way(std::string_view state) { return is_offer(state) || is_among(states_of_taking, state); }

bool is_failure(std::string_view state) { return is_among(states_of_failure, state); }

bool is_told(std::string_view state)
{
    return is_among(states_of_taking, state) || is_failure(state) || is_among(other_states, state);
}

} // namespace rollcall::updates
