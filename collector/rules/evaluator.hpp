#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/profile.hpp"
#include "collector/store/records.hpp"
#include "common/core/clock.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::rules
{

/// Both clocks at one moment: the wall for stamps, the steady one for holds.
struct Now {
    UnixMs wall_ms{};
    std::chrono::milliseconds steady{};
};

enum class Presence { unknown, online, offline };

/// What is to be stored and shown of one alert.
struct Change {
    enum class Kind {
        opened,
        resolved, ///< By itself.
        woken,    ///< Its snooze ended, since it changed.
        latest,   ///< Only what was seen last.
        amended,  ///< Anything else of it.
    };
    Kind kind{};
    store::Alert alert; ///< As it is after the change.
};
using Changes = std::vector<Change>;

/// Facts of devices -> alerts, by one threshold profile. Pure: time and facts are given, changes are returned. The same
/// code replays a profile over history.
///
/// One alert is open at most per (device, item, subject). A reading that is unknown neither raises nor resolves.
/// While a device is not online nothing but its offline item moves.
///
/// What a person resolved while its cause goes on (`lingers`) is not raised anew until that has ended. What he reopened
/// after it had ended (`kept_open`) does not resolve by itself until the cause was there again. What is snoozed until
/// it changes wakes when its cause has gone and held again, when it says another word, or when a more severe alert of
/// the same value is raised.
///
/// Cost: of a call, the rows given (and for an item per device, the rows that fulfil it); of tick(), the holds that ran
/// out. Memory: conditions that hold or are open, none for what is well.
///
/// Owns: its conditions.  Threads: one at a time.  Blocks: no.
class Evaluator
{
public:
    /// `make_id` names a new alert.
    Evaluator(Profile profile, std::function<std::string(UnixMs)> make_id);
    ~Evaluator();
    Evaluator(Evaluator&&) noexcept;
    Evaluator& operator=(Evaluator&&) noexcept;

    /// Adds a device, of unknown presence, or changes what is known of it.
    void put_device(std::string_view id, std::string_view customer_id, std::string_view device_type);
    [[nodiscard]] bool knows(std::string_view id) const;
    /// Leaves everything of a device behind, without changes: its facts are going to be loaded again.
    void forget(std::string_view id);

    /// Takes over an alert that is open in the store, or lingers there. It resolves at once where the profile no longer
    /// has its item.
    [[nodiscard]] Changes adopt(store::Alert const& alert, Now now);
    /// A person, or the time, changed an alert: it was snoozed, resolved, reopened …
    void amend(store::Alert const& alert);
    /// Does the profile still have the item?
    [[nodiscard]] bool watches(std::string_view item) const;

    [[nodiscard]] Changes presence(std::string_view id, Presence presence, Now now);
    /// Rows of a state probe that changed or vanished. `offset_ms`: the device's clock less ours, for its "since".
    [[nodiscard]] Changes state(std::string_view id, std::string_view probe, Snapshot const& changed,
                                std::vector<std::string> const& removed, std::int64_t offset_ms, Now now);
    /// All rows of a state probe, after forget() or a restart: what is open and not among them is gone.
    [[nodiscard]] Changes whole_state(std::string_view id, std::string_view probe, Snapshot const& rows,
                                      std::int64_t offset_ms, Now now);
    /// The state probe could not be read (`reason`), or can again ("").
    [[nodiscard]] Changes readable(std::string_view id, std::string_view probe, std::string_view reason, Now now);
    /// One reading of a series probe; `taken_ms` in our time. A reading older than `stale_after` says nothing about
    /// now.
    [[nodiscard]] Changes series(std::string_view id, wire::Series const& series, UnixMs taken_ms, Now now);
    /// Nothing is watched on the device any more: everything of it resolves, for this reason.
    [[nodiscard]] Changes retire(std::string_view id, std::string_view why, Now now);

    /// Opens and resolves what has held long enough by now.
    [[nodiscard]] Changes tick(Now now);

    [[nodiscard]] Profile const& profile() const;
    /// State probes whose rows whole_state() wants after a restart.
    [[nodiscard]] std::vector<std::string> state_probes() const;

    static constexpr auto stale_after = std::chrono::minutes(2);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::rules
