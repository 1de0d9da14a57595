#include "agent/agent.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "agent/hardware_id.hpp"
#include "agent/observe.hpp"
#include "agent/probe/probe.hpp"
#include "agent/probe/runner.hpp"
#include "agent/snapshot/schedule.hpp"
#include "agent/spool/spool_thread.hpp"
#include "agent/uplink/bind_spool.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/uplink.hpp"
#include "common/core/ids.hpp"
#include "common/core/version.hpp"
#include "common/log/log.hpp"
#include "common/wire/catalogue.hpp"

namespace rollcall::agent
{

/// The file for `status` is not written more often.
static constexpr std::chrono::milliseconds report_every{2000};
/// Threads that did not move for this long hang.
static constexpr std::chrono::milliseconds hung_after{60'000};

namespace
{

/// What readers remember, kept in the spool's file. A reader that hangs may outlive the agent: then it remembers
/// nothing.
class SpoolMemory final : public probe::Memory
{
public:
    /// What came of telling events, on the spool's thread.
    using Told = std::function<void(spool::Spool&, Result<> const& done)>;

    SpoolMemory(spool::SpoolThread& spool, Told told)
        : spool_(&spool)
        , told_(std::move(told))
    {
    }

    std::optional<std::string> get(std::string_view key) override
    {
        std::lock_guard const lock(mutex_);
        if (spool_ == nullptr) return std::nullopt;
        return spool_->call<std::optional<std::string>>([key](spool::Spool& spool) -> std::optional<std::string> {
            auto found = spool.recall(name(key));
            if (found) return std::move(*found);
            log::warning("agent.memory_failed", {{"error", found.error()}});
            return std::nullopt;
        });
    }
    void put(std::string_view key, std::string value) override
    {
        std::lock_guard const lock(mutex_);
        if (spool_ == nullptr) return;
        spool_->post([key = name(key), value = std::move(value)](spool::Spool& spool) {
            if (auto const done = spool.remember(key, value); !done)
                log::warning("agent.memory_failed", {{"error", done.error()}});
        });
    }
    void tell(std::vector<wire::Event> events, std::string_view key, std::string value) override
    {
        std::lock_guard const lock(mutex_);
        if (spool_ == nullptr) return;
        spool_->post([told = told_, key = name(key), events = std::move(events), value = std::move(value)](
                         spool::Spool& spool) mutable { told(spool, spool.append(std::move(events), key, value)); });
    }
    void detach()
    {
        std::lock_guard const lock(mutex_);
        spool_ = nullptr;
    }

private:
    static std::string name(std::string_view key) { return "probe." + std::string(key); }

    std::mutex mutex_;
    spool::SpoolThread* spool_;
    Told told_;
};

std::vector<wire::Probe> chosen(std::vector<std::string> const& names)
{
    std::vector<wire::Probe> found;
    for (auto const& name : probe::reader_names()) {
        if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
        if (auto const* const declared = wire::find_probe(name)) found.push_back(*declared);
    }
    return found;
}

} // namespace

class Agent::Body
{
public:
    Body(Options options, FolderLock lock, uplink::Identity identity, wire::Hardware hardware, spool::Spool spool,
         std::vector<wire::Probe> const& probes)
        : options_(std::move(options))
        , lock_(std::move(lock))
        , identity_(std::move(identity))
        , hardware_(std::move(hardware))
        , started_ms_(options_.clock->now_ms())
        , spool_(std::move(spool), spool_options(options_))
        , memory_(std::make_shared<SpoolMemory>(spool_,
                                                [this](spool::Spool& file, Result<> const& done) { told(file, done); }))
        , schedule_(
              snapshot::Schedule::entries_for(probes),
              [engine = std::mt19937_64(std::random_device{}())]() mutable {
                  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
              },
              options_.clock->steady())
        , moved_at_(options_.clock->steady())
        , runner_([this](std::string const& name, Result<Snapshot> seen) { read(name, std::move(seen)); })
    {
        probe::Context const context{options_.machine, memory_, options_.clock, backlog_};
        for (auto const& one : probes)
            readers_.emplace(one.name, probe::make_reader(one.name, context));
    }

    ~Body() { stop("stopped"); }

    static spool::Options spool_options(Options const& options)
    {
        return {.folder = options.folder, .clock = options.clock.get(), .limits = options.spool_limits};
    }

    Result<> begin()
    {
        auto const facts = options_.machine->system_info->read();
        // Where no hardware is shown (containers) the boot is the host's: others, too, run in it, and it stays behind
        // when this one moves.
        std::string boot_id;
        if (hardware_.id.empty())
            boot_id = make_uuid(started_ms_);
        else if (facts && facts->boot_id)
            boot_id = *facts->boot_id;
        auto proxy = uplink::load_proxy(options_.folder);
        if (!proxy) return fail(proxy.error(), "proxy");
        auto made = uplink::Uplink::start({.identity = identity_,
                                           .proxy = *std::move(proxy),
                                           .boot_id = std::move(boot_id),
                                           .clock = options_.clock.get(),
                                           .backoff = options_.backoff,
                                           .heartbeat = options_.heartbeat,
                                           .idle = options_.idle,
                                           .folder = options_.folder,
                                           .renew_check = options_.renew_check,
                                           .renew_due = {},
                                           .hardware =
                                               [machine = options_.machine, disks = hardware_.disks] {
                                                   return wire::Hardware{.id = read_board_id(*machine), .disks = disks};
                                               },
                                           .host_name = facts && facts->host_name ? *facts->host_name : "",
                                           .separated = [this](std::string const& id) { became(id); },
                                           .offered = options_.offered},
                                          spool_);
        if (!made) return made.error();
        uplink_ = std::move(*made);
        note_start();
        if (options_.changes) {
            auto const watching = options_.changes->start([this](std::string_view probe) { notice(probe); });
            // Cadence does the rest, but later than a person would like.
            if (!watching) log::warning("agent.no_notices", {{"error", watching.error()}});
        }
        conductor_ = std::thread([this] { conduct(); });
        return {};
    }

    /// This machine ran from a copy of another one's disk: all that was read before may be of that one.
    void became(std::string const& device_id)
    {
        spool_.post([this, device_id](spool::Spool&) { identity_.device_id = device_id; });
        for (auto const& [name, reader] : readers_)
            notice(name);
    }

    void notice(std::string_view probe)
    {
        {
            std::lock_guard const lock(mutex_);
            schedule_.notice(probe, options_.clock->steady());
        }
        wake_.notify_one();
    }

    Report report()
    {
        return spool_.call<Report>([this](spool::Spool& spool) { return make_report(spool); });
    }

    bool tell(wire::Event event)
    {
        return spool_.call<bool>([this, event = std::move(event)](spool::Spool& spool) mutable {
            return append(spool, wire::Lane::event, [&] { return spool.append(std::move(event)); });
        });
    }

    bool proven()
    {
        if (uplink_->status().state != uplink::Status::State::connected) return false;
        return spool_.call<bool>([this](spool::Spool& spool) {
            auto const waiting = spool.range(wire::Lane::event);
            return waiting && start_sequence_ > 0 && waiting->first > start_sequence_;
        });
    }

    bool alive() const { return options_.clock->steady() - moved_at_.load() < hung_after; }

    void stop(std::string_view reason)
    {
        if (std::exchange(stopped_, true)) return;
        if (options_.changes) options_.changes->stop();
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        if (conductor_.joinable()) conductor_.join();
        // Nothing more is told; the pool's own destructor waits for readers that are at work.
        runner_.stop(0ms);
        for (auto const& [name, reader] : readers_)
            reader->end();
        memory_->detach();
        if (uplink_) {
            // In the spool before the connection is told to end.
            (void)tell(event_of("agent_stop", {{"version", std::string(version())}, {"reason", std::string(reason)}}));
            uplink_->stop(reason);
            auto const last = report();
            if (auto const written = write_report(options_.folder, last); !written)
                log::warning("agent.status_failed", {{"error", written.error()}});
        }
    }

private:
    /// Decides what is read next; the readers run elsewhere.
    void conduct()
    {
        auto report_at = options_.clock->steady();
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            auto const now = options_.clock->steady();
            moved_at_ = now;
            for (auto const& name : schedule_.take_due(now)) {
                auto const* const declared = wire::find_probe(name);
                if (!runner_.start(name, readers_.at(name), declared->limit)) schedule_.not_started(name, now);
            }
            if (now >= report_at) {
                report_at = now + report_every;
                spool_.post([this](spool::Spool& spool) { write_status(spool); });
            }
            auto const next = schedule_.next();
            auto const sleep =
                std::min({options_.tick, report_at - now, next ? std::max(*next - now, 0ms) : options_.tick});
            // A notice wakes us; take_due then finds it due after its short wait.
            wake_.wait_for(lock, std::max(sleep, 1ms));
        }
    }

    /// On a reader's thread: hands over to the spool's, and goes on.
    void read(std::string const& name, Result<Snapshot> seen)
    {
        auto const now_ms = options_.clock->now_ms();
        auto shared = std::make_shared<Result<Snapshot>>(std::move(seen));
        spool_.post(
            [this, name, shared, now_ms](spool::Spool& spool) { keep(spool, name, std::move(*shared), now_ms); });
        {
            std::lock_guard const lock(mutex_);
            schedule_.finished(name, options_.clock->steady());
        }
        wake_.notify_one();
    }

    /// On the spool's thread: what the reading means, written down and announced.
    void keep(spool::Spool& spool, std::string const& name, Result<Snapshot> seen, UnixMs now_ms)
    {
        auto const* const declared = wire::find_probe(name);
        std::optional<spool::Stored> before;
        std::optional<std::string> boot_id;
        if (declared->kind == wire::Kind::state) {
            auto stored = spool.last(name);
            if (!stored) return failed(spool, stored.error());
            before = std::move(*stored);
        }
        if (name == "os") {
            auto known = spool.recall("boot_id");
            if (!known) return failed(spool, known.error());
            boot_id = std::move(*known);
        }
        if (!seen)
            note_failure(name, seen.error());
        else
            note_success(name);

        auto observed = observe(*declared, std::move(seen), before, boot_id, now_ms);
        for (auto& event : observed.events) {
            if (!append(spool, wire::Lane::event, [&] { return spool.append(std::move(event)); })) return;
        }
        if (observed.boot_id) {
            auto const done = spool.remember("boot_id", *observed.boot_id);
            if (!done) return failed(spool, done.error());
        }
        if (observed.series) {
            append(spool, wire::Lane::series, [&] { return spool.append(std::move(*observed.series)); });
        } else if (observed.change) {
            append(spool, wire::Lane::state, [&] { return spool.append(std::move(*observed.change), observed.rows); });
        } else if (declared->kind == wire::Kind::state && uplink_) {
            uplink_->checked(name, now_ms);
        }
    }

    template <class Append>
    bool append(spool::Spool& spool, wire::Lane lane, Append what)
    {
        Result<std::uint64_t> const done = what();
        if (!done) {
            failed(spool, done.error());
            return false;
        }
        uplink_->appended(lane);
        return true;
    }

    /// What a reader told of is in the spool, or it will tell it again.
    void told(spool::Spool& spool, Result<> const& done)
    {
        if (!done) return failed(spool, done.error());
        uplink_->appended(wire::Lane::event);
    }

    void failed(spool::Spool& spool, Error const& error) { spool::SpoolThread::mend(spool, spool_.options(), error); }

    /// A probe's failure is data; the log only hears of its beginning and its end.
    void note_failure(std::string const& name, Error const& error)
    {
        auto const why = std::string(reason(error));
        auto& known = failing_[name];
        if (known == why) return;
        known = why;
        log::info("probe.unknown", {{"probe", name}, {"error", error}});
    }
    void note_success(std::string const& name)
    {
        if (failing_.erase(name) > 0) log::info("probe.known_again", {{"probe", name}});
    }

    wire::Event event_of(std::string name, Row detail) const
    {
        wire::Event event;
        event.name = std::move(name);
        event.at_ms = options_.clock->now_ms();
        event.detail = std::move(detail);
        return event;
    }

    /// The first word of this run: once it is acknowledged, all works from end to end.
    void note_start()
    {
        auto event = event_of("agent_start", {{"version", std::string(version())}});
        spool_.post([this, event = std::move(event)](spool::Spool& spool) mutable {
            append(spool, wire::Lane::event, [&] {
                auto sequence = spool.append(std::move(event));
                if (sequence) start_sequence_ = *sequence;
                return sequence;
            });
        });
    }

    Report make_report(spool::Spool& spool)
    {
        Report report{.version = std::string(version()),
                      .device_id = identity_.device_id,
                      .address = identity_.address,
                      .started_ms = started_ms_,
                      .uplink = uplink_ ? uplink_->status() : uplink::Status{},
                      .lanes = {},
                      .hung_probes = runner_.hung()};
        for (auto const lane : {wire::Lane::event, wire::Lane::state, wire::Lane::series}) {
            auto const count = spool.count(lane);
            report.lanes.at(static_cast<std::size_t>(lane)) = {count ? *count : 0, spool.bytes(lane)};
        }
        return report;
    }

    void write_status(spool::Spool& spool)
    {
        auto report = make_report(spool);
        std::uint64_t records = 0;
        std::uint64_t bytes = 0;
        bool known = true;
        for (auto const lane : {wire::Lane::event, wire::Lane::state, wire::Lane::series}) {
            auto const count = spool.count(lane);
            known = known && count;
            records += count ? *count : 0;
            bytes += spool.bytes(lane);
        }
        backlog_->records = known ? static_cast<std::int64_t>(records) : -1;
        backlog_->bytes = static_cast<std::int64_t>(bytes);
        if (report == reported_) return;
        auto const written = write_report(options_.folder, report);
        if (!written && !std::exchange(status_failed_, true))
            log::warning("agent.status_failed", {{"error", written.error()}});
        if (written) status_failed_ = false;
        reported_ = std::move(report);
    }

    Options options_;
    FolderLock lock_;
    uplink::Identity identity_;
    wire::Hardware const hardware_; ///< As it was at the start.
    UnixMs started_ms_;
    spool::SpoolThread spool_;
    std::shared_ptr<SpoolMemory> memory_;
    std::shared_ptr<probe::Backlog> backlog_ = std::make_shared<probe::Backlog>();
    std::map<std::string, std::shared_ptr<probe::Reader>, std::less<>> readers_;
    std::unique_ptr<uplink::Uplink> uplink_;

    // Used on the spool's thread only.
    std::uint64_t start_sequence_ = 0;
    std::map<std::string, std::string> failing_; ///< Probe and reason.
    Report reported_;
    bool status_failed_ = false;

    std::mutex mutex_; ///< Guards the two below it.
    snapshot::Schedule schedule_;
    bool stopping_ = false;
    std::condition_variable wake_;
    std::atomic<std::chrono::milliseconds> moved_at_;
    bool stopped_ = false;

    probe::Runner runner_;
    std::thread conductor_;
};

Result<std::unique_ptr<Agent>> Agent::start(Options options)
{
    auto identity = uplink::load_identity(options.folder);
    if (!identity) return fail(identity.error(), "agent");
    auto lock = FolderLock::take(options.folder);
    if (!lock) return fail(lock.error(), "agent");
    auto spool = spool::Spool::open(Body::spool_options(options));
    if (!spool) return fail(spool.error(), "agent");

    std::error_code unknown; // Of a folder that it just locked; at worst no drive holds it.
    auto hardware = read_hardware(options.machine, std::filesystem::canonical(options.folder, unknown).string());
    auto const bound = uplink::bind_spool(*spool, identity->device_id, hardware);
    if (!bound) return fail(bound.error(), "agent");
    auto const probes = chosen(options.probes);
    auto body = std::make_unique<Body>(std::move(options), std::move(*lock), std::move(*identity), std::move(hardware),
                                       std::move(*spool), probes);
    if (auto const begun = body->begin(); !begun) return fail(begun.error(), "agent");
    return std::unique_ptr<Agent>(new Agent(std::move(body)));
}

Agent::Agent(std::unique_ptr<Body> body)
    : body_(std::move(body))
{
}
Agent::~Agent() = default;
void Agent::notice(std::string_view probe) { body_->notice(probe); }
Report Agent::report() { return body_->report(); }
bool Agent::tell(wire::Event event) { return body_->tell(std::move(event)); }
bool Agent::proven() { return body_->proven(); }
bool Agent::alive() const { return body_->alive(); }
void Agent::stop(std::string_view reason) { body_->stop(reason); }

} // namespace rollcall::agent
