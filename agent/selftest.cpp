#include "agent/selftest.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/indented.hpp"
#include "agent/observe.hpp"
#include "agent/probe/probe.hpp"
#include "agent/probe/runner.hpp"
#include "agent/recording.hpp"
#include "common/core/version.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/codec.hpp"
#include "platform/process.hpp"

namespace rollcall::agent
{

namespace json = boost::json;

namespace
{

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds between_samples{1};

struct Asked {
    wire::Probe const* declared{};
    std::shared_ptr<probe::Reader> reader;
    Result<Snapshot> rows = fail(errc::not_yet_read, "");
    std::chrono::milliseconds took{};
};

/// One reading after the other, each with its limit.
class Asking
{
public:
    Asking()
        : runner_([this](std::string const& /*name*/, Result<Snapshot> rows) { answer_.set_value(std::move(rows)); },
                  {.threads = 1, .most_threads = 64})
    {
    }

    void read(Asked& one)
    {
        auto const begun = Steady::now();
        answer_ = {};
        if (runner_.start(std::string(one.declared->name), one.reader, one.declared->limit))
            one.rows = answer_.get_future().get();
        else
            one.rows = fail(errc::busy, "its last reading still hangs");
        one.took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    }

    void end() { runner_.stop(); }

private:
    std::promise<Result<Snapshot>> answer_;
    probe::Runner runner_; ///< Last: it fulfils the promise.
};

/// The word by which a probe is judged.
std::string_view state_of(Asked const& one)
{
    if (one.rows) return "ok";
    auto const why = reason(one.rows.error());
    for (auto const passes : {errc::not_supported, errc::permission_denied, errc::not_yet_read, errc::not_found})
        if (why == to_string(passes)) return why;
    return "failed";
}

/// How many cells are unknown, by reason.
std::map<std::string, std::int64_t> unknown_cells(Snapshot const& rows)
{
    std::map<std::string, std::int64_t> count;
    for (auto const& [key, row] : rows)
        for (auto const& [column, value] : row)
            if (auto const* const cell = std::get_if<Unknown>(&value)) ++count[cell->reason];
    return count;
}

json::object told(Asked const& one)
{
    json::object probe{{"state", state_of(one)}, {"took_ms", one.took.count()}};
    if (one.rows) {
        probe["rows"] = one.rows->size();
        json::object cells;
        for (auto const& [why, count] : unknown_cells(*one.rows))
            cells[why] = count;
        probe["unknown_cells"] = std::move(cells);
    } else {
        probe["reason"] = reason(one.rows.error());
        probe["why"] = one.rows.error().trace;
    }
    return probe;
}

std::string line(Asked const& one)
{
    auto text = fmt::format("{:<20} {:<18} {:>6} ms", one.declared->name, state_of(one), one.took.count());
    if (!one.rows) return fmt::format("{}  {}: {}\n", text, reason(one.rows.error()), one.rows.error().trace);
    text += fmt::format("  {} rows", one.rows->size());
    for (auto const& [why, count] : unknown_cells(*one.rows))
        text += fmt::format(", {} cells {}", count, why);
    return text + "\n";
}

/// Tells of each program that ran, for as long as it lives.
class RunsRecorded
{
public:
    explicit RunsRecorded(std::shared_ptr<Recording> const& recording)
    {
        if (recording)
            platform::record_runs(
                [recording](platform::Command const& command, Result<platform::Finished> const& done) {
                    recording->add(command, done);
                });
    }
    ~RunsRecorded() { platform::record_runs({}); }
    RunsRecorded(RunsRecorded const&) = delete;
    RunsRecorded& operator=(RunsRecorded const&) = delete;
};

/// What the probes made of it: a fixture's expected result.
Result<> keep_rows(std::vector<Asked>& asked, Recording& recording)
{
    json::object probes;
    for (auto& one : asked) {
        if (!one.rows) continue;
        json::object probe;
        if (auto const cut = fit(*one.rows); cut > 0) probe["cut_rows"] = cut;
        probe["rows"] = wire::to_json(*one.rows);
        probes[one.declared->name] = std::move(probe);
    }
    return recording.put("readings.json", indented(probes));
}

} // namespace

Result<SelfTest> selftest(std::shared_ptr<platform::Machine> const& machine, std::shared_ptr<Clock const> const& clock,
                          std::vector<std::string> names, std::shared_ptr<Recording> const& recording)
{
    auto const all = probe::reader_names();
    if (names.empty()) names.assign(all.begin(), all.end());
    probe::Context const context{machine, std::make_shared<probe::VolatileMemory>(), clock, {}};
    std::vector<Asked> asked;
    for (auto const& name : names) {
        Asked one;
        one.declared = wire::find_probe(name);
        if (one.declared != nullptr) one.reader = probe::make_reader(name, context);
        if (!one.reader)
            return fail(errc::bad_input, fmt::format("\"{}\" is no probe; there are: {}", name, fmt::join(all, ", ")));
        asked.push_back(std::move(one));
    }

    {
        RunsRecorded const recorded(recording);
        Asking asking;
        for (auto& one : asked)
            asking.read(one);
        auto const is_series = [](Asked const& one) { return one.declared->kind == wire::Kind::series && one.rows; };
        if (std::any_of(asked.begin(), asked.end(), is_series)) std::this_thread::sleep_for(between_samples);
        for (auto& one : asked)
            if (is_series(one)) asking.read(one);
        asking.end();
    }

    SelfTest result;
    json::object probes;
    for (auto const& one : asked) {
        result.failed = result.failed || state_of(one) == "failed";
        result.text += line(one);
        probes[one.declared->name] = told(one);
    }
    result.json = indented(json::object{{"agent_version", std::string(version())},
                                        {"as_of_ms", clock->now_ms()},
                                        {"result", result.failed ? "failed" : "ok"},
                                        {"probes", std::move(probes)}});
    if (recording) {
        if (auto const kept = keep_rows(asked, *recording); !kept) return fail(kept.error(), "record");
        if (auto const kept = recording->put("selftest.json", result.json); !kept) return fail(kept.error(), "record");
        if (auto const kept = recording->end(); !kept) return fail(kept.error(), "record");
    }
    return result;
}

} // namespace rollcall::agent
