#include "agent/collect.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/indented.hpp"
#include "agent/observe.hpp"
#include "agent/probe/probe.hpp"
#include "agent/probe/runner.hpp"
#include "common/core/version.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::agent
{

namespace json = boost::json;

static constexpr std::chrono::seconds between_readings{1};

namespace
{

struct Seen {
    UnixMs at_ms = 0;
    Result<Snapshot> rows = fail(errc::not_yet_read, "");
};

/// Waits for a set of readings.
class Gathering
{
public:
    explicit Gathering(std::shared_ptr<Clock const> clock)
        : clock_(std::move(clock))
        , runner_([this](std::string const& name, Result<Snapshot> rows) { take(name, std::move(rows)); },
                  {.threads = 4, .most_threads = 32})
    {
    }

    /// Reads them all and returns once each has answered or reached its limit.
    void read(std::vector<std::pair<wire::Probe const*, std::shared_ptr<probe::Reader>>> const& readers)
    {
        for (auto const& [declared, reader] : readers) {
            {
                std::lock_guard const lock(mutex_);
                ++open_;
            }
            // A reading that waits for a free thread must not run out of its own time there.
            if (!runner_.start(std::string(declared->name), reader, declared->limit + waiting_))
                take(std::string(declared->name), fail(errc::busy, "its last reading still hangs"));
        }
        std::unique_lock lock(mutex_);
        all_.wait(lock, [this] { return open_ == 0; });
    }

    std::map<std::string, Seen> take_all()
    {
        runner_.stop();
        return std::move(seen_);
    }

private:
    void take(std::string const& name, Result<Snapshot> rows)
    {
        std::lock_guard const lock(mutex_);
        seen_.insert_or_assign(name, Seen{clock_->now_ms(), std::move(rows)});
        --open_;
        all_.notify_all();
    }

    static constexpr std::chrono::seconds waiting_{5};

    std::shared_ptr<Clock const> clock_;
    std::mutex mutex_;
    std::condition_variable all_;
    std::map<std::string, Seen> seen_;
    std::size_t open_ = 0;
    probe::Runner runner_; ///< Last: it calls take().
};

} // namespace

Result<std::string> collect(std::shared_ptr<platform::Machine> const& machine,
                            std::shared_ptr<Clock const> const& clock, std::vector<std::string> names)
{
    auto const all = probe::reader_names();
    if (names.empty()) names.assign(all.begin(), all.end());
    probe::Context const context{machine, std::make_shared<probe::VolatileMemory>(), clock};

    std::vector<std::pair<wire::Probe const*, std::shared_ptr<probe::Reader>>> readers;
    for (auto const& name : names) {
        auto const* const declared = wire::find_probe(name);
        std::shared_ptr<probe::Reader> reader = declared == nullptr ? nullptr : probe::make_reader(name, context);
        if (!reader)
            return fail(errc::bad_input, fmt::format("\"{}\" is no probe; there are: {}", name, fmt::join(all, ", ")));
        readers.emplace_back(declared, std::move(reader));
    }
    Gathering gathering(clock);
    gathering.read(readers);
    std::erase_if(readers, [](auto const& one) { return one.first->kind != wire::Kind::series; });
    if (!readers.empty()) {
        std::this_thread::sleep_for(between_readings);
        gathering.read(readers);
    }
    auto seen = gathering.take_all();

    json::object probes;
    for (auto const& name : names) {
        auto& one = seen[name];
        json::object told{{"as_of_ms", one.at_ms}};
        if (one.rows) {
            if (auto const cut = fit(*one.rows); cut > 0) told["cut_rows"] = cut;
            told["rows"] = wire::to_json(*one.rows);
        } else {
            told["unknown"] = reason(one.rows.error());
            told["why"] = one.rows.error().trace;
        }
        probes[name] = std::move(told);
    }
    return indented(json::object{
        {"agent_version", std::string(version())}, {"as_of_ms", clock->now_ms()}, {"probes", std::move(probes)}});
}

} // namespace rollcall::agent
