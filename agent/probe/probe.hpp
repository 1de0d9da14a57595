#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/value.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/messages.hpp"
#include "platform/machine.hpp"

namespace rollcall::probe
{

/// What a reader must still know after a restart of the agent, and where it tells of what happened.
///
/// Owns: what was put.  Threads: any.  Blocks: for the database behind it.
class Memory
{
public:
    virtual ~Memory() = default;
    /// Nothing where nothing was put.
    [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) = 0;
    virtual void put(std::string_view key, std::string value) = 0;
    /// Tells of events and puts, both or neither: so none is told twice, or forgotten, when the agent ends in between.
    virtual void tell(std::vector<wire::Event> events, std::string_view key, std::string value) = 0;
};

/// For tests and for `collect`, which leaves no traces: events are told to nobody.
class VolatileMemory final : public Memory
{
public:
    [[nodiscard]] std::optional<std::string> get(std::string_view key) override;
    void put(std::string_view key, std::string value) override;
    void tell(std::vector<wire::Event> events, std::string_view key, std::string value) override;

private:
    std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> values_;
};

/// What waits in the agent's spool, kept up to date by the agent; -1: not known yet.
struct Backlog {
    std::atomic<std::int64_t> records{-1};
    std::atomic<std::int64_t> bytes{-1};
};

/// What a reader works with. Shared, because a reader that hangs outlives who started it.
struct Context {
    std::shared_ptr<platform::Machine> machine;
    std::shared_ptr<Memory> memory;
    std::shared_ptr<Clock const> clock;
    std::shared_ptr<Backlog const> backlog; ///< nullptr: there is no spool.
};

/// Reads one probe of common/wire/catalogue.cpp.
///
/// Owns: the previous sample where it tells a rate.  Threads: one at a time.  Blocks: yes, and may hang: the runner
/// (runner.hpp) keeps its time limit.
class Reader
{
public:
    virtual ~Reader() = default;
    /// Rows that fit the probe's declaration. An error says that nothing at all could be seen, and why; a cell that
    /// could not be read is Unknown.
    [[nodiscard]] virtual Result<Snapshot> read() = 0;
    /// The program ends in order and does not wait for a `read` that is at work. From any thread, meanwhile; does not
    /// block.
    virtual void end() {}
};

/// The reader of that probe; nullptr where there is none. What it returns is fit to travel: texts are well-formed and
/// within limits, numbers finite.
[[nodiscard]] std::unique_ptr<Reader> make_reader(std::string_view name, Context const& context);

/// The names that have a reader, in the order of the catalogue of probes.
[[nodiscard]] std::vector<std::string_view> reader_names();

/// Makes rows fit to travel: ill-formed text is replaced, long text and keys are cut, infinite numbers are unknown.
[[nodiscard]] Snapshot clean(Snapshot rows);

/// Leaves the first wire::limits::snapshot_rows rows; how many went.
std::uint64_t cut_rows(Snapshot& rows);

} // namespace rollcall::probe
