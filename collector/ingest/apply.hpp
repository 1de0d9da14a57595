#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

/// What a record of an agent means for what is stored. Pure: what is stored is given, what is to be stored is returned.
namespace rollcall::ingest
{

// --- sequences -------------------------------------------------------------------------------------------------

/// What a record's numbers say against the lane's high-water mark.
struct Place {
    bool repeated = false;            ///< Stored already: only acknowledge again.
    std::uint64_t mark{};             ///< The mark after it.
    std::optional<wire::Gap> missing; ///< Numbers that were skipped without a word.
};

/// `first` and `last` are the same but for a Gap. The state lane legally has holes: a newer record took the place.
[[nodiscard]] Place place(wire::Lane lane, std::uint64_t mark, std::uint64_t first, std::uint64_t last, UnixMs now_ms);

/// What the hello says of one lane.
struct Greeting {
    std::uint64_t mark{};             ///< For Welcome, and to be stored if it moved.
    std::optional<wire::Gap> missing; ///< We lost what the agent has already forgotten: a restored backup.
    bool agent_behind = false; ///< It will give out numbers that are taken: it opens a new epoch (a restored disk).
};
[[nodiscard]] Greeting greet(wire::Lane lane, std::uint64_t mark, wire::LaneRange range, UnixMs now_ms);

// --- time ------------------------------------------------------------------------------------------------------

/// A device's stamp in the collector's time: corrected by the measured offset (its clock less ours) where that is
/// beyond limits::clock_offset, and never in our future.
[[nodiscard]] UnixMs corrected(UnixMs stamp_ms, std::int64_t offset_ms, UnixMs now_ms);

// --- content ---------------------------------------------------------------------------------------------------

enum class What {
    changed,   ///< `changed` and `removed` are to be stored, and `status`.
    unchanged, ///< It was read again: `status` alone.
    unknown,   ///< It could not be read: `status` alone, the rows stay.
    resync,    ///< A change of something we do not hold: ask for the whole.
    foreign,   ///< A probe or event of a newer agent: to be acknowledged and left alone.
    bad,       ///< Does not fit the declaration, `error` says where: to be acknowledged and noted as lost.
};

struct StateOutcome {
    What what{};
    store::ProbeStatus status;
    Snapshot changed;
    std::vector<std::string> removed;
    std::set<std::string, std::less<>> quiet; ///< Keys of those two that a device's history does not tell of.
    Snapshot after;                           ///< With What::changed: all rows as they are now.
    std::string error;
};

/// `status` and `rows` are what is stored of this probe; `taken_ms` is the corrected stamp.
[[nodiscard]] StateOutcome apply(wire::State const& state, std::optional<store::ProbeStatus> const& status,
                                 Snapshot const& rows, UnixMs taken_ms);

/// May this reading be stored? Values beyond the declared columns (a newer agent's) are cut off. The caller skips
/// What::foreign. errc::bad_message names the cell.
[[nodiscard]] What check(wire::Series& series, std::string& error);
/// May this event be stored? Columns we do not know are dropped.
[[nodiscard]] What check(wire::Event& event, std::string& error);

/// State probes whose stored digest is another one, or whose stored reading failed: the agent sends them whole.
[[nodiscard]] std::vector<std::string> needed(std::map<std::string, std::string> const& digests,
                                              std::vector<store::ProbeStatus> const& stored);

} // namespace rollcall::ingest
