#include "collector/pipeline.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "collector/ingest/apply.hpp"
#include "collector/rules/evaluator.hpp"
#include "collector/view/derive.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/hardware.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::collector
{

namespace
{

using std::chrono::milliseconds;

/// How long after our own start a device may be unknown before it is offline: 60 s less two ticks, which may come late.
constexpr milliseconds grace_after_start = std::chrono::seconds(58);
/// How often what was seen last is written down; until then a crash forgets it.
constexpr milliseconds keep_seen_every = std::chrono::seconds(60);
/// Resolved alerts that the lists still show.
constexpr milliseconds resolved_shown_for = std::chrono::hours(30 * 24);
constexpr milliseconds forget_alerts_every = std::chrono::hours(1);
/// Measurements of a clock's offset of which the greatest counts: a frame can only be read too late, never too early.
constexpr std::size_t offset_samples = 3;
/// Less than the greatest by more than this is a clock that was set back: no frame is that late, since long before that
/// silence ends the connection.
constexpr milliseconds clock_set_back = 4 * wire::limits::silence;

/// Messages of one connection that may wait for the writer. Each may be megabytes, so the whole queue must not be one
/// device's; reading goes on at half of it.
constexpr std::size_t session_works = 64;

constexpr std::size_t name_characters = 200;
constexpr std::size_t epoch_bytes = 64;
constexpr std::size_t hardware_id_bytes = 256;
constexpr std::size_t boot_id_bytes = 64;
/// Boots of a device between which turns_window looks for turns.
constexpr std::size_t boots_kept = 16;
/// Boots of copies that are remembered for a device. One that is forgotten has an identity of its own by then, or is
/// told apart once more.
constexpr std::size_t twins_kept = 1024;
/// Of the events that the collector itself tells of a device; no agent may call its own so.
constexpr std::string_view own_epoch;
constexpr std::int64_t token_uses_limit = 10'000;
constexpr std::int64_t token_seconds_least = 60;
constexpr std::int64_t token_seconds_limit = 365L * 24 * 3600;
constexpr std::size_t secret_bytes = 24;

constexpr std::array all_lanes{wire::Lane::event, wire::Lane::state, wire::Lane::series};

std::size_t index_of(wire::Lane lane) { return static_cast<std::size_t>(lane); }

/// A device's connection.
struct Session {
    gateway::AgentPeer peer;
    std::string epoch;
    std::string boot_id;
    std::shared_ptr<gateway::AgentSocket> socket;

    // Under the lock of presence:
    bool closed = false;
    std::deque<std::int64_t> offsets;
    std::size_t waiting = 0;      ///< Its messages that the writer has not finished.
    std::function<void()> resume; ///< To be called when they have become few; empty: it is being read.

    // The writer's thread only:
    bool accepted = false; ///< The greeting has gone through.
    bool broken = false;   ///< Replaced, or a record could not be stored: nothing after it may be.
    std::array<std::uint64_t, 3> marks{};
    std::array<std::uint64_t, 3> promised{}; ///< Of each lane the last number that the hello spoke of.
    std::array<std::uint64_t, 3> stored{};   ///< The marks as they are committed.
    bool numbers_differ = false;             ///< The agent begins a new epoch: its numbers say nothing.
    std::optional<api::HeldBack> held_back;  ///< As it is shown.
    std::array<std::optional<std::uint64_t>, 3> acknowledge{};
    std::set<std::string> resync;
    std::uint64_t series_answered = 0; ///< The last acknowledgement of that lane, and when.
    std::optional<milliseconds> series_answered_at;
};
using SessionPtr = std::shared_ptr<Session>;

/// A boot that said hello in a device's name.
struct Boot {
    std::string id;
    milliseconds at{};    ///< When it was there last: connected, or at its hello.
    std::uint64_t turn{}; ///< Of its last hello, among those of all boots.
};

/// Where a device is, as far as we know. Under the lock of presence.
struct Whereabouts {
    std::string customer_id;
    std::string availability;
    std::string reason;
    std::optional<UnixMs> since_ms;
    std::optional<UnixMs> last_seen_ms;
    std::string agent_version;
    std::optional<std::int64_t> offset_ms; ///< Only beyond limits::clock_offset.
    SessionPtr session;
    std::optional<api::HeldBack> held_back;                ///< Counts while there is a session.
    bool tell_rules = false;                               ///< The evaluator does not know yet.
    bool keep_seen = false;                                ///< last_seen_ms is newer than the store's.
    bool show_seen = false;                                ///< … and than the projection's.
    std::optional<milliseconds> doubted_since;             ///< Its disk came on another board while it was connected.
    std::vector<Boot> boots;                               ///< Of the last turns_window, in the order they appeared.
    std::uint64_t turns = 0;                               ///< Of boots that said hello.
    std::map<std::string, std::string, std::less<>> twins; ///< Boots of copies, and the device that each became.
};

/// What one work leaves to be done after its commit.
struct Effect {
    rules::Changes alerts;
    std::set<std::string, std::less<>> judged; ///< Devices whose conditions the evaluator changed.
    std::vector<std::function<void()>> after;
    view::Change change;
    std::optional<Refusal> refusal; ///< Set: the work was undone because the request may not be fulfilled.
};

using Body = std::function<Result<>(sqlite::Database&, Effect&)>;
using Finish = std::function<void(Result<> const&, Effect&)>;

struct Job {
    Body body;
    Finish finish;
    Effect effect;
};
using JobPtr = std::shared_ptr<Job>;

rules::Presence presence_of(std::string_view availability)
{
    if (availability == "online") return rules::Presence::online;
    if (availability == "offline") return rules::Presence::offline;
    return rules::Presence::unknown;
}

errc code_of(Error const& error)
{
    if (error.code.category() != rollcall_category()) return errc::io;
    return static_cast<errc>(error.code.value());
}

Refusal refusal_of(Error const& error)
{
    if (code_of(error) == errc::busy)
        return {errc::busy, "", "The collector is too busy to store this now.", "Try again in a few seconds."};
    return {code_of(error), "", "The collector could not store this: " + error.trace + ".",
            "Look at the free space and the rights of the collector's data folder."};
}

/// A name that a person typed: without blanks around it. Empty: it cannot be one.
std::string trimmed_name(std::string_view name)
{
    auto const from = name.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return std::string(name.substr(from, name.find_last_not_of(" \t\r\n") - from + 1));
}

struct Numbers {
    wire::Lane lane{};
    std::uint64_t first{};
    std::uint64_t last{};
};

std::optional<wire::Lane> lane_of(std::string_view name)
{
    for (auto const lane : all_lanes)
        if (wire::to_string(lane) == name) return lane;
    return std::nullopt;
}

/// The place of a record in its lane; nothing for messages without a number.
std::optional<Numbers> numbers_of(wire::FromAgent const& message)
{
    if (auto const* const state = std::get_if<wire::State>(&message))
        return Numbers{wire::Lane::state, state->sequence, state->sequence};
    if (auto const* const series = std::get_if<wire::Series>(&message))
        return Numbers{wire::Lane::series, series->sequence, series->sequence};
    if (auto const* const event = std::get_if<wire::Event>(&message))
        return Numbers{wire::Lane::event, event->sequence, event->sequence};
    if (auto const* const gap = std::get_if<wire::Gap>(&message)) {
        if (auto const lane = lane_of(gap->lane)) return Numbers{*lane, gap->first, gap->last};
        return Numbers{};
    }
    return std::nullopt;
}

/// Numbers that no honest agent gives.
bool are_absurd(Numbers const& numbers)
{
    return numbers.first == 0 || numbers.last < numbers.first ||
           numbers.last > static_cast<std::uint64_t>(INT64_MAX) / 2;
}

void merge(view::Change& into, view::Change const& more)
{
    for (auto const& device : more.devices)
        if (std::ranges::find(into.devices, device) == into.devices.end()) into.devices.push_back(device);
    into.customer_ids.insert(more.customer_ids.begin(), more.customer_ids.end());
    into.alerts = into.alerts || more.alerts;
    into.customers = into.customers || more.customers;
    into.tokens = into.tokens || more.tokens;
}

bool is_empty(view::Change const& change)
{
    return change.devices.empty() && !change.alerts && !change.customers && !change.tokens;
}

} // namespace

struct Pipeline::State : std::enable_shared_from_this<Pipeline::State> {
    explicit State(Options given)
        : options(std::move(given))
        , evaluator(options.profile, [](UnixMs now_ms) { return make_uuid(now_ms); })
        , started(options.clock.steady())
    {
    }

    Options options;

    // --- the writer's thread only (and start(), before there is any work) ---
    rules::Evaluator evaluator;
    std::set<std::string, std::less<>> stale; ///< Devices whose conditions are to be loaded again: a commit failed.
    std::vector<SessionPtr> to_answer;
    view::Change to_announce;
    std::unordered_set<std::string> told_foreign; ///< Probes and events of newer agents, each logged once.

    // --- under `mutex` ---
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, SessionPtr> sessions;
    std::unordered_map<std::string, Whereabouts> devices;
    milliseconds const started;
    bool grace_over = false;
    milliseconds seen_kept_at{};
    milliseconds alerts_forgotten_at{};
    bool ticking = false;
    bool syncing = false;

    // --- under `backlog_mutex` ---
    mutable std::mutex backlog_mutex;
    struct Waiting {
        JobPtr job;
        std::function<void()> resume;
    };
    std::deque<Waiting> backlog;

    // --- the tick's thread ---
    std::mutex tick_mutex;
    std::condition_variable tick_wake;
    bool stopping = false;
    std::thread ticker;
    bool stopped = false;

    std::atomic<std::uint64_t> records_stored{0};
    std::atomic<std::uint64_t> records_repeated{0};
    std::atomic<std::uint64_t> series_values_stored{0};
    std::atomic<std::uint64_t> gaps{0};
    std::atomic<std::uint64_t> resyncs{0};
    std::atomic<std::uint64_t> alerts_opened{0};
    std::atomic<std::uint64_t> alerts_resolved{0};
    std::atomic<std::uint64_t> commits_failed{0};

    /// The steady clock first: where the process stands still between the two looks, a hold is looked at too early, and
    /// again, instead of too late by all of that pause.
    [[nodiscard]] rules::Now now() const
    {
        auto const steady = options.clock.steady();
        return {.wall_ms = options.clock.now_ms(), .steady = steady};
    }

    // --- works ---------------------------------------------------------------------------------------------------

    bool submit(JobPtr const& job)
    {
        auto const self = shared_from_this();
        auto work = [self, job](sqlite::Database& db) { return self->run(db, *job); };
        auto done = [self, job](Result<> const& result) { self->finish(*job, result); };
        return options.store.submit(std::move(work), std::move(done));
    }

    /// Submits, or keeps in order until there is room. False: it had to be kept.
    bool enqueue(JobPtr const& job, std::function<void()> resume)
    {
        std::lock_guard const lock(backlog_mutex);
        if (backlog.empty() && submit(job)) return true;
        backlog.push_back({job, std::move(resume)});
        if (backlog.size() == 1) options.store.when_drained([self = shared_from_this()] { self->drain(); });
        return false;
    }

    void drain()
    {
        std::vector<std::function<void()>> resumes;
        {
            std::lock_guard const lock(backlog_mutex);
            while (!backlog.empty() && submit(backlog.front().job)) {
                if (backlog.front().resume) resumes.push_back(std::move(backlog.front().resume));
                backlog.pop_front();
            }
            if (!backlog.empty()) options.store.when_drained([self = shared_from_this()] { self->drain(); });
        }
        for (auto const& resume : resumes)
            resume();
    }

    Result<> run(sqlite::Database& db, Job& job)
    {
        job.effect = {};
        auto result = job.body(db, job.effect);
        if (result) result = save(db, job.effect.alerts);
        if (!result) lose(job.effect);
        return result;
    }

    static Result<> save(sqlite::Database& db, rules::Changes const& changes)
    {
        for (auto const& [kind, alert] : changes) {
            auto saved = kind == rules::Change::Kind::opened ? store::open_alert(db, alert)
                         : kind == rules::Change::Kind::resolved
                             ? store::resolve_alert(db, alert.id, alert.latest, *alert.resolved_ms)
                             : store::set_alert_latest(db, alert.id, alert.latest);
            if (!saved) return saved;
        }
        return {};
    }

    /// What the evaluator believes was not stored: it learns from the store again.
    void lose(Effect const& effect)
    {
        stale.insert(effect.judged.begin(), effect.judged.end());
        for (auto const& change : effect.alerts)
            stale.insert(change.alert.device_id);
    }

    void finish(Job& job, Result<> const& result)
    {
        auto& effect = job.effect;
        if (!result) {
            lose(effect);
            if (!effect.refusal) ++commits_failed;
        } else {
            show(effect.alerts, effect.change);
            for (auto const& step : effect.after)
                step();
            merge(to_announce, effect.change);
        }
        if (job.finish) job.finish(result, effect);
    }

    void show(rules::Changes const& changes, view::Change& change)
    {
        for (auto const& [kind, alert] : changes) {
            options.projection.put_alert(alert);
            change.alerts = true;
            note(change, alert.device_id, alert.customer_id);
            if (kind == rules::Change::Kind::latest) continue;
            bool const opened = kind == rules::Change::Kind::opened;
            ++(opened ? alerts_opened : alerts_resolved);
            log::info(opened ? "alert.opened" : "alert.resolved", {{"device", alert.device_id},
                                                                   {"item", alert.item},
                                                                   {"subject", alert.subject},
                                                                   {"severity", rules::to_string(alert.severity)},
                                                                   {"value", alert.latest}});
        }
    }

    static void note(view::Change& change, std::string_view device_id, std::string_view customer_id)
    {
        if (std::ranges::find(change.devices, device_id) == change.devices.end())
            change.devices.emplace_back(device_id);
        change.customer_ids.emplace(customer_id);
    }

    /// The first of a session is answered at once, since it tells the agent that all is well.
    bool may_wait(Session& session, std::uint64_t mark) const
    {
        auto const steady = options.clock.steady();
        if (session.series_answered_at && mark - session.series_answered < wire::limits::series_ack_records &&
            steady - *session.series_answered_at < wire::limits::series_ack_every)
            return true;
        session.series_answered = mark;
        session.series_answered_at = steady;
        return false;
    }

    /// After each group of works: one acknowledgement per lane, one announcement. Those of series may wait for the
    /// next.
    void answer()
    {
        for (auto const& session : std::exchange(to_answer, {})) {
            show_held_back(session);
            for (auto const lane : all_lanes) {
                auto& mark = session->acknowledge[index_of(lane)];
                if (!mark || (lane == wire::Lane::series && may_wait(*session, *mark))) continue;
                session->socket->send(wire::Ack{.lane = std::string(wire::to_string(lane)), .sequence = *mark});
                mark.reset();
            }
            if (!session->resync.empty()) {
                auto probes = std::exchange(session->resync, {});
                resyncs += probes.size();
                session->socket->send(wire::Resync{.probes = {probes.begin(), probes.end()}});
            }
        }
        auto const change = std::exchange(to_announce, {});
        if (!is_empty(change)) options.projection.announce(change);
    }

    /// What the device held when it said hello and has not come yet.
    static std::optional<api::HeldBack> held_back(Session const& session)
    {
        if (session.numbers_differ) return std::nullopt;
        auto const waiting = [&](wire::Lane lane) {
            auto const promised = session.promised[index_of(lane)];
            auto const stored = session.stored[index_of(lane)];
            return promised > stored ? static_cast<std::int64_t>(promised - stored) : 0;
        };
        return api::HeldBack{.events = waiting(wire::Lane::event), .readings = waiting(wire::Lane::series)};
    }

    void show_held_back(SessionPtr const& session)
    {
        auto const held = held_back(*session);
        if (held == session->held_back) return;
        session->held_back = held;
        std::lock_guard const lock(mutex);
        auto const place = devices.find(session->peer.device_id);
        if (place == devices.end() || place->second.session != session) return;
        place->second.held_back = held;
        show_locked(place->first, place->second);
        note(to_announce, place->first, place->second.customer_id);
    }

    void answer_later(SessionPtr const& session)
    {
        if (std::ranges::find(to_answer, session) == to_answer.end()) to_answer.push_back(session);
    }

    // --- the evaluator's memory ------------------------------------------------------------------------------------

    static void append(rules::Changes& into, rules::Changes more)
    {
        into.insert(into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }

    [[nodiscard]] std::string type_of(std::string_view device_id) const
    {
        auto const row = options.projection.device(store::Scope::everything(), device_id);
        return row ? row->device_type.value.value_or("") : std::string();
    }

    /// Conditions and presence of one device, from the store and from what we know; nothing of before counts.
    Result<> reload(sqlite::Database& db, Effect& effect, std::string const& device_id)
    {
        evaluator.forget(device_id);
        stale.erase(device_id);
        auto const device = store::find_device(db, device_id);
        if (!device) return device.error();
        if (!*device || (*device)->revoked_ms) return {};
        effect.judged.insert(device_id);
        evaluator.put_device(device_id, (*device)->customer_id, type_of(device_id));
        auto const open = store::open_alerts_of(db, device_id);
        if (!open) return open.error();
        for (auto const& alert : *open)
            append(effect.alerts, evaluator.adopt(alert, now()));
        if (auto loaded = load_rows(db, effect, device_id, {}); !loaded) return loaded;
        rules::Presence presence{};
        {
            std::lock_guard const lock(mutex);
            presence = presence_of(devices[device_id].availability);
        }
        append(effect.alerts, evaluator.presence(device_id, presence, now()));
        return {};
    }

    /// Rows of the rules' state probes. Those of `unread` are about to come anew and say nothing till then.
    Result<> load_rows(sqlite::Database& db, Effect& effect, std::string const& device_id,
                       std::set<std::string, std::less<>> const& unread)
    {
        for (auto const& probe : evaluator.state_probes()) {
            auto const status = store::probe_status(db, device_id, probe);
            if (!status) return status.error();
            auto const reason = !*status || unread.contains(probe) ? std::string("not_yet_read") : (*status)->unknown;
            append(effect.alerts, evaluator.readable(device_id, probe, reason, now()));
            if (!*status) continue;
            auto const rows = store::state_snapshot(db, device_id, probe);
            if (!rows) return rows.error();
            append(effect.alerts, evaluator.whole_state(device_id, probe, *rows, 0, now()));
        }
        return {};
    }

    Result<> refresh_stale(sqlite::Database& db, Effect& effect, std::string const& device_id)
    {
        if (!stale.contains(device_id)) return {};
        return reload(db, effect, device_id);
    }

    // --- presence ----------------------------------------------------------------------------------------------------

    /// Under `mutex`.
    void show_locked(std::string const& device_id, Whereabouts const& where) const
    {
        options.projection.update_device(device_id, [&](api::DeviceRow& row) {
            row.availability = where.availability;
            row.availability_reason = where.reason;
            row.availability_since_ms = where.since_ms;
            row.last_seen_ms = where.last_seen_ms;
            row.held_back = where.session ? where.held_back : std::nullopt;
            row.clock_offset_ms = where.offset_ms;
            if (!where.agent_version.empty()) row.agent_version = where.agent_version;
        });
    }

    /// Under `mutex`.
    void become_locked(std::string const& device_id, Whereabouts& where, std::string_view availability,
                       std::string_view reason) const
    {
        where.availability = availability;
        where.reason = reason;
        where.since_ms = options.clock.now_ms();
        where.tell_rules = true;
        show_locked(device_id, where);
    }

    /// The offset that counts: the greatest of the last few. Under `mutex`.
    static std::int64_t measure_locked(Session& session, std::int64_t offset_ms)
    {
        if (!session.offsets.empty() && offset_ms < *std::ranges::max_element(session.offsets) - clock_set_back.count())
            session.offsets.clear();
        session.offsets.push_back(offset_ms);
        if (session.offsets.size() > offset_samples) session.offsets.pop_front();
        return *std::ranges::max_element(session.offsets);
    }

    static std::optional<std::int64_t> beyond_limit(std::int64_t offset_ms)
    {
        static constexpr auto limit = milliseconds(wire::limits::clock_offset).count();
        if (offset_ms > limit || offset_ms < -limit) return offset_ms;
        return std::nullopt;
    }

    [[nodiscard]] std::int64_t offset_of(Session const& session) const
    {
        std::lock_guard const lock(mutex);
        return session.offsets.empty() ? 0 : *std::ranges::max_element(session.offsets);
    }

    [[nodiscard]] SessionPtr session_of(std::uint64_t connection) const
    {
        std::lock_guard const lock(mutex);
        auto const found = sessions.find(connection);
        return found == sessions.end() ? nullptr : found->second;
    }

    /// Tells the rules and the store what changed in presence. One work at a time; tick() catches what was missed.
    void sync(bool keep_all_seen)
    {
        {
            std::lock_guard const lock(mutex);
            if (std::exchange(syncing, true)) return;
        }
        auto const job = std::make_shared<Job>();
        auto const self = shared_from_this();
        job->body = [self, keep_all_seen](sqlite::Database& db, Effect& effect) {
            return self->write_presence(db, effect, keep_all_seen);
        };
        job->finish = [self](Result<> const& result, Effect& effect) {
            std::lock_guard const lock(self->mutex);
            self->syncing = false;
            if (result) return;
            for (auto const& id : effect.judged) {
                auto& where = self->devices[id];
                where.tell_rules = true;
                where.keep_seen = where.last_seen_ms.has_value();
            }
        };
        if (!submit(job)) {
            std::lock_guard const lock(mutex);
            syncing = false;
        }
    }

    Result<> write_presence(sqlite::Database& db, Effect& effect, bool keep_all_seen)
    {
        struct News {
            std::string id;
            rules::Presence presence{};
            bool tell = false;
            std::optional<UnixMs> seen_ms;
            std::string agent_version;
        };
        std::vector<News> all;
        {
            std::lock_guard const lock(mutex);
            syncing = false; // What comes from now on needs a work of its own.
            for (auto& [id, where] : devices) {
                // What was seen of a device that just left is kept at once; of the others once in a while.
                bool const keep = where.keep_seen && (keep_all_seen || where.tell_rules);
                if (!where.tell_rules && !keep) continue;
                all.push_back({.id = id,
                               .presence = presence_of(where.availability),
                               .tell = std::exchange(where.tell_rules, false),
                               .seen_ms = keep ? where.last_seen_ms : std::nullopt,
                               .agent_version = where.agent_version});
                if (keep) where.keep_seen = false;
            }
        }
        for (auto const& news : all)
            effect.judged.insert(news.id);
        for (auto const& news : all) {
            if (news.seen_ms) {
                auto kept = store::set_last_seen(db, news.id, *news.seen_ms, news.agent_version);
                if (!kept) return kept;
            }
            if (auto fresh = refresh_stale(db, effect, news.id); !fresh) return fresh;
            if (news.tell) append(effect.alerts, evaluator.presence(news.id, news.presence, now()));
        }
        return {};
    }

    // --- connections -------------------------------------------------------------------------------------------------

    struct Greeted {
        std::optional<wire::Refused> refused;
        wire::Welcome welcome;
        SessionPtr replaced;
    };

    static wire::Refused refuse_device(std::string_view reason, std::string_view remedy)
    {
        return {.reason = std::string(reason), .remedy = std::string(remedy)};
    }

    /// May whoever shows this certificate speak for the device? Nothing: it may. Each certificate of our CA was made by
    /// an enrolment or a renewal, so one that was issued after the one we know is either a renewed one that is shown
    /// for the first time, or of a time that a restored store does not remember: it takes the place of the older one.
    static Result<std::optional<wire::Refused>> admit(sqlite::Database& db, Effect& effect,
                                                      gateway::AgentPeer const& peer,
                                                      std::optional<store::Device> const& device)
    {
        if (!device) return std::optional(refuse_device("unknown_device", "Enrol this device again with a new token."));
        if (device->revoked_ms)
            return std::optional(refuse_device("revoked", "Ask whoever is in charge; enrol again with a new token."));
        if (equal_constant_time(device->fingerprint, peer.fingerprint)) return std::optional<wire::Refused>();
        if (peer.issued_ms <= device->issued_ms)
            return std::optional(refuse_device(
                "unknown_device", "This certificate was replaced by a later one of the device: enrol again."));
        auto adopted = store::adopt_certificate(db, device->id, peer.fingerprint, peer.issued_ms);
        if (!adopted) return adopted.error();
        effect.after.push_back([id = device->id, remote = peer.remote, issued_ms = peer.issued_ms] {
            log::info("device.certificate_adopted", {{"device", id}, {"remote", remote}, {"issued_ms", issued_ms}});
        });
        return std::optional<wire::Refused>();
    }

    /// Who speaks with a device's certificate.
    enum class Speaker { device, rebuilt, in_doubt, copy };

    [[nodiscard]] Speaker speaker(store::Device const& device, wire::Hardware const& hardware, std::string_view boot_id)
    {
        std::lock_guard const lock(mutex);
        auto& where = devices[device.id];
        if (where.twins.contains(boot_id)) return Speaker::copy;
        switch (wire::compare({.id = device.hardware_id, .disks = device.disk_ids}, hardware)) {
        case wire::Sameness::same:
            where.doubted_since.reset();
            return Speaker::device;
        case wire::Sameness::rebuilt: {
            auto const doubted_since = std::exchange(where.doubted_since, std::nullopt);
            if (!where.session) return Speaker::rebuilt;
            // Nobody changes the board of a machine that is at work; but its old connection may only seem to be alive.
            auto const steady = options.clock.steady();
            where.doubted_since = doubted_since.value_or(steady);
            return steady - *where.doubted_since > wire::limits::silence ? Speaker::copy : Speaker::in_doubt;
        }
        case wire::Sameness::other:
            break;
        }
        return Speaker::copy;
    }

    /// The boot that is connected is there still, whenever it said hello.
    static void see_boot_locked(Whereabouts& where, milliseconds steady)
    {
        if (!where.session) return;
        auto const boot = std::ranges::find(where.boots, where.session->boot_id, &Boot::id);
        if (boot != where.boots.end()) boot->at = steady;
    }

    static void add_twin_locked(Whereabouts& where, std::string const& boot_id)
    {
        auto& twins = where.twins;
        if (twins.size() >= twins_kept) {
            auto const settled = std::ranges::find_if(twins, [](auto const& twin) { return !twin.second.empty(); });
            twins.erase(settled == twins.end() ? twins.begin() : settled);
        }
        twins.try_emplace(boot_id);
    }

    /// Two machines that look alike: one comes, another, the first again, and now the other again. One machine that
    /// boots, or is set back to an earlier moment, never does. The one that was there first stays, however many come.
    bool takes_turns(std::string const& device_id, std::string const& boot_id)
    {
        if (boot_id.empty() || boot_id.size() > boot_id_bytes) return false;
        auto const steady = options.clock.steady();
        std::lock_guard const lock(mutex);
        auto& where = devices[device_id];
        auto& boots = where.boots;
        see_boot_locked(where, steady);
        std::erase_if(boots, [&](Boot const& one) { return steady - one.at >= turns_window; });
        auto const boot = std::ranges::find(boots, boot_id, &Boot::id);
        if (boot != boots.end()) {
            bool const after_it =
                std::any_of(boots.begin(), boot, [&](Boot const& earlier) { return earlier.turn > boot->turn; });
            if (after_it && where.session) {
                add_twin_locked(where, boot_id);
                return true;
            }
            boot->at = steady;
            boot->turn = ++where.turns;
            return false;
        }
        // The first one is the device: whoever shows many boots must not push it out.
        if (boots.size() >= boots_kept) boots.erase(boots.begin() + 1);
        boots.push_back({.id = boot_id, .at = steady, .turn = ++where.turns});
        return false;
    }

    /// Something the collector knows of a device, among the device's events.
    Result<> tell(sqlite::Database& db, Effect& effect, store::Device const& device, std::string name, Row detail)
    {
        auto const mark = store::high_water(db, device.id, own_epoch, wire::Lane::event);
        if (!mark) return mark.error();
        wire::Event const event{.sequence = *mark + 1,
                                .name = std::move(name),
                                .at_ms = options.clock.now_ms(),
                                .detail = std::move(detail)};
        if (auto added = store::add_event(db, device.id, own_epoch, event); !added) return added;
        note(effect.change, device.id, device.customer_id);
        return store::set_high_water(db, device.id, own_epoch, wire::Lane::event, event.sequence);
    }

    /// Is it the device's own machine that says hello? Nothing: it is. On the writer's thread, within the transaction.
    Result<std::optional<wire::Refused>> recognise(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                                   store::Device const& device, wire::Hello const& hello)
    {
        if (auto const wrong = wire::misfit(hello.hardware); !wrong.empty())
            return std::optional(refuse_device("message", "hello." + wrong));
        auto const who = speaker(device, hello.hardware, hello.boot_id);
        if (who == Speaker::in_doubt)
            return std::optional(refuse_device("in_doubt", "The device is connected from another board with the same "
                                                           "disk: the agent tries again in some minutes."));
        if (who == Speaker::copy || takes_turns(device.id, hello.boot_id))
            return std::optional(refuse_device(
                "copied", "This machine runs from a copy of another one's disk. The agent asks for an identity of its "
                          "own. If this stays: run rollcall-agent enrol --replace with a new token."));
        auto const& seen = hello.hardware;
        bool const other_board = !seen.id.empty() && seen.id != device.hardware_id;
        std::optional<store::Device> owner;
        if (other_board) {
            auto found = store::find_device_by_hardware(db, device.customer_id, seen.id);
            if (!found) return found.error();
            owner = *std::move(found);
        }
        // A board by which another device is known stays that one's, or two would be found by it.
        if (owner)
            effect.after.push_back([id = device.id, other = owner->id, remote = peer.remote] {
                log::warning("device.board_of_another", {{"device", id}, {"other", other}, {"remote", remote}});
            });
        if (who == Speaker::rebuilt && !owner) {
            if (auto told = tell(db, effect, device, "board_changed", {{"remote", peer.remote}}); !told)
                return told.error();
            effect.after.push_back([id = device.id, remote = peer.remote] {
                log::info("device.board_changed", {{"device", id}, {"remote", remote}});
            });
        }
        if (!seen.id.empty() && (other_board || seen.disks != device.disk_ids)) {
            auto kept = store::set_hardware(db, device.id, owner ? device.hardware_id : seen.id, seen.disks);
            if (!kept) return kept.error();
        }
        return std::optional<wire::Refused>();
    }

    /// What keeps a device that may speak from beginning a session.
    [[nodiscard]] std::optional<wire::Refused> unfit(gateway::AgentPeer const& peer, wire::Hello const& hello) const
    {
        if (peer.expires_ms <= options.clock.now_ms())
            return refuse_device("certificate_expired",
                                 "The agent renews it by itself. If this stays: enrol again with a new token.");
        if (hello.protocol < wire::protocol)
            return refuse_device("protocol", "Install an agent of this collector's version.");
        if (hello.epoch.empty() || hello.epoch.size() > epoch_bytes || !is_utf8(hello.epoch))
            return refuse_device("message", fmt::format("hello.epoch: 1 to {} bytes.", epoch_bytes));
        return std::nullopt;
    }

    /// What keeps a device that may speak from being given a certificate. `field` is the request's.
    [[nodiscard]] std::optional<wire::Refused> unfit(gateway::AgentPeer const& peer, std::string_view request_pem,
                                                     std::string_view field) const
    {
        if (options.clock.now_ms() - peer.expires_ms > milliseconds(renewal_grace).count())
            return refuse_device("certificate_too_old",
                                 fmt::format("A certificate may be renewed up to {} days after its end: enrol this "
                                             "device again with a new token.",
                                             renewal_grace.count() / 24));
        if (request_pem.size() > wire::limits::certificate_request_bytes)
            return refuse_device("message",
                                 fmt::format("{}: at most {} bytes.", field, wire::limits::certificate_request_bytes));
        return std::nullopt;
    }

    /// On the writer's thread, within the transaction.
    Result<> renew_certificate(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                               wire::Renew const& asked, std::variant<wire::Refused, wire::Renewed>& answer) const
    {
        auto const device = store::find_device(db, peer.device_id);
        if (!device) return device.error();
        auto refused = admit(db, effect, peer, *device);
        if (!refused) return refused.error();
        if (!*refused) *refused = unfit(peer, asked.request_pem, "renew.request_pem");
        if (*refused) {
            answer = **refused;
            return {};
        }
        auto certificate = options.sign(asked.request_pem, peer.device_id);
        if (!certificate) {
            answer = refuse_device("message", "renew.request_pem: " + certificate.error().trace);
            return {};
        }
        // Certificates count whole seconds. It is not dated forward, or whoever stole a key could make himself one that
        // outlives an enrolment.
        if (certificate->issued_ms <= peer.issued_ms) {
            answer = refuse_device("too_soon", "The certificate is as new as a new one: the agent tries again later.");
            return {};
        }
        answer = wire::Renewed{.certificate_pem = std::move(certificate->certificate_pem),
                               .ca_pem = std::move(certificate->ca_pem)};
        return {};
    }

    /// On the writer's thread, within the transaction.
    Result<> greet(sqlite::Database& db, Effect& effect, Session& session, wire::Hello const& hello, Greeted& greeted)
    {
        auto const& id = session.peer.device_id;
        greeted = {};
        auto const found = store::find_device(db, id);
        if (!found) return found.error();
        auto const& device = *found;
        auto refused = admit(db, effect, session.peer, device);
        if (!refused) return refused.error();
        greeted.refused = *std::move(refused);
        if (!greeted.refused) {
            // Before its certificate is looked at: a copy must not renew the device's.
            auto stranger = recognise(db, effect, session.peer, *device, hello);
            if (!stranger) return stranger.error();
            greeted.refused = *stranger ? *std::move(stranger) : unfit(session.peer, hello);
        }
        if (greeted.refused) return {};

        auto const at = now();
        greeted.welcome.server_ms = at.wall_ms;
        session.numbers_differ = false;
        std::array<wire::LaneRange, 3> const ranges{hello.event, hello.state, hello.series};
        for (auto const lane : all_lanes) {
            auto const mark = store::high_water(db, id, hello.epoch, lane);
            if (!mark) return mark.error();
            auto range = ranges[index_of(lane)];
            if (std::max(range.first, range.next) > static_cast<std::uint64_t>(INT64_MAX) / 2) {
                greeted.refused = refuse_device("message", "hello: a sequence is out of range.");
                return {};
            }
            auto const greeting = ingest::greet(lane, *mark, range, at.wall_ms);
            session.numbers_differ = session.numbers_differ || greeting.agent_behind;
            if (greeting.agent_behind)
                log::warning("agent.behind",
                             {{"device", id}, {"lane", wire::to_string(lane)}, {"mark", *mark}, {"next", range.next}});
            if (greeting.missing) {
                ++gaps;
                log::warning("agent.gap", {{"device", id},
                                           {"lane", wire::to_string(lane)},
                                           {"first", greeting.missing->first},
                                           {"last", greeting.missing->last},
                                           {"reason", greeting.missing->reason}});
                if (auto kept = store::add_gap(db, id, hello.epoch, *greeting.missing); !kept) return kept;
            }
            if (greeting.mark != *mark) {
                if (auto kept = store::set_high_water(db, id, hello.epoch, lane, greeting.mark); !kept) return kept;
            }
            session.marks[index_of(lane)] = greeting.mark;
            session.promised[index_of(lane)] = range.next == 0 ? 0 : range.next - 1;
        }
        session.stored = session.marks;
        greeted.welcome.event = session.marks[index_of(wire::Lane::event)];
        greeted.welcome.state = session.marks[index_of(wire::Lane::state)];
        greeted.welcome.series = session.marks[index_of(wire::Lane::series)];
        auto const statuses = store::probe_statuses(db, id);
        if (!statuses) return statuses.error();
        greeted.welcome.need = ingest::needed(hello.digests, *statuses);
        auto const version = clean_text(hello.agent_version, 64);
        if (auto kept = store::set_last_seen(db, id, at.wall_ms, version); !kept) return kept;

        effect.judged.insert(id);
        if (auto fresh = refresh_stale(db, effect, id); !fresh) return fresh;
        evaluator.put_device(id, device->customer_id, type_of(id));
        std::set<std::string, std::less<>> unread(greeted.welcome.need.begin(), greeted.welcome.need.end());
        for (auto const& probe : evaluator.state_probes())
            if (!hello.digests.contains(probe)) unread.insert(probe);
        append(effect.alerts, evaluator.presence(id, rules::Presence::unknown, at));
        if (auto loaded = load_rows(db, effect, id, unread); !loaded) return loaded;
        append(effect.alerts, evaluator.presence(id, rules::Presence::online, at));
        session.accepted = true;
        {
            std::lock_guard const lock(mutex);
            greeted.replaced = devices[id].session;
        }
        // Whatever the old connection still says comes after what the new one has been told is stored.
        if (greeted.replaced) greeted.replaced->broken = true;
        note(effect.change, id, device->customer_id);
        return {};
    }

    void welcome(SessionPtr const& session, Greeted const& greeted, std::string const& agent_version)
    {
        auto const& id = session->peer.device_id;
        if (greeted.refused) {
            log::warning("agent.refused",
                         {{"device", id}, {"remote", session->peer.remote}, {"reason", greeted.refused->reason}});
            session->socket->refuse(*greeted.refused);
            return;
        }
        SessionPtr replaced;
        {
            std::lock_guard const lock(mutex);
            auto& where = devices[id];
            if (session->closed) {
                // Gone before it was greeted. Nothing of the one before is taken any more, so that one must go too.
                where.tell_rules = true;
                replaced = greeted.replaced;
            } else {
                replaced = std::exchange(where.session, session);
                where.agent_version = clean_text(agent_version, 64);
                where.last_seen_ms = options.clock.now_ms();
                where.held_back = session->held_back = held_back(*session);
                where.offset_ms = session->offsets.empty() ? std::nullopt : beyond_limit(session->offsets.back());
                become_locked(id, where, "online", "");
                where.tell_rules = false; // It was told in the transaction.
            }
        }
        if (replaced && replaced != session) {
            log::warning("agent.replaced", {{"device", id},
                                            {"connection", replaced->peer.connection},
                                            {"by", session->peer.connection},
                                            {"remote", session->peer.remote}});
            replaced->socket->refuse(
                refuse_device("replaced", "Another connection with this device's certificate took over."));
        }
        session->socket->send(greeted.welcome);
    }

    void break_off(SessionPtr const& session, Error const& error)
    {
        if (std::exchange(session->broken, true)) return;
        log::error("agent.not_stored", {{"device", session->peer.device_id}, {"error", error}});
        session->socket->refuse(refuse_device(
            wire::refused_storage, "The collector cannot store data now. The agent keeps it and tries again."));
    }

    // --- records
    // -------------------------------------------------------------------------------------------------------

    /// One message of a device with what was known when it came.
    struct Record {
        SessionPtr session;
        wire::FromAgent message;
        UnixMs now_ms{};
        std::int64_t offset_ms{};
        [[nodiscard]] std::string const& device() const { return session->peer.device_id; }
        [[nodiscard]] UnixMs corrected(UnixMs stamp_ms) const
        {
            auto const ours = ingest::corrected(stamp_ms, offset_ms, now_ms);
            // What was noted by a clock that was never set is as old as it is for us.
            return ours < clock_never_set_ms && now_ms >= clock_never_set_ms ? now_ms : ours;
        }
        /// What a stamp in a row has to be corrected by.
        [[nodiscard]] std::int64_t correction() const { return beyond_limit(offset_ms).value_or(0); }
    };

    /// Counts a message that is about to wait. False: there are so many that no more may be read until `resume`.
    bool enter(Session& session, std::function<void()> const& resume)
    {
        std::lock_guard const lock(mutex);
        if (++session.waiting < session_works) return true;
        session.resume = resume;
        return false;
    }

    /// The writer has finished a message.
    void leave(Session& session)
    {
        std::function<void()> resume;
        {
            std::lock_guard const lock(mutex);
            if (--session.waiting <= session_works / 2) resume = std::exchange(session.resume, nullptr);
        }
        if (resume) resume();
    }

    /// On the writer's thread, within the transaction.
    Result<> take(sqlite::Database& db, Effect& effect, Record& record)
    {
        auto& session = *record.session;
        if (!session.accepted || session.broken) return {};
        if (auto fresh = refresh_stale(db, effect, record.device()); !fresh) return fresh;
        auto const numbers = numbers_of(record.message);
        if (!numbers) {
            if (auto const* const checked = std::get_if<wire::Checked>(&record.message))
                return take_checked(db, effect, record, *checked);
            return {};
        }
        auto& mark = session.marks[index_of(numbers->lane)];
        if (are_absurd(*numbers)) {
            session.broken = true;
            effect.after.push_back([session = record.session] {
                session->socket->refuse(refuse_device("message", "sequence: is out of range."));
            });
            return {};
        }
        auto const place = ingest::place(numbers->lane, mark, numbers->first, numbers->last, record.now_ms);
        if (!place.repeated) {
            if (place.missing) {
                if (auto kept = lost(db, record, *place.missing); !kept) return kept;
            }
            // Of what was on its way while the agent dropped it, nothing that we have is lost.
            if (auto* const gap = std::get_if<wire::Gap>(&record.message)) gap->first = std::max(gap->first, mark + 1);
            if (auto stored = store_content(db, effect, record); !stored) return stored;
            auto moved = store::set_high_water(db, record.device(), session.epoch, numbers->lane, place.mark);
            if (!moved) return moved;
            mark = place.mark;
        }
        effect.after.push_back([this, session = record.session, lane = numbers->lane, mark, repeated = place.repeated] {
            ++(repeated ? records_repeated : records_stored);
            session->stored[index_of(lane)] = mark;
            session->acknowledge[index_of(lane)] = mark;
            answer_later(session);
        });
        return {};
    }

    Result<> lost(sqlite::Database& db, Record const& record, wire::Gap const& gap)
    {
        ++gaps;
        log::warning("agent.gap", {{"device", record.device()},
                                   {"lane", gap.lane},
                                   {"first", gap.first},
                                   {"last", gap.last},
                                   {"reason", gap.reason}});
        return store::add_gap(db, record.device(), record.session->epoch, gap);
    }

    /// Its content can never be stored; refusing it would only bring it again. It is acknowledged and noted as lost.
    Result<> spoilt(sqlite::Database& db, Record const& record, std::string_view error)
    {
        log::warning("agent.bad_record", {{"device", record.device()}, {"error", error}});
        auto const numbers = numbers_of(record.message).value_or(Numbers{});
        return lost(db, record,
                    {.lane = std::string(wire::to_string(numbers.lane)),
                     .first = numbers.first,
                     .last = numbers.last,
                     .at_ms = record.now_ms,
                     .reason = "bad_message"});
    }

    Result<> foreign(Record const& record, std::string_view name)
    {
        auto clean = clean_text(name, 64);
        if (told_foreign.size() < 1000 && told_foreign.insert(clean).second)
            log::info("agent.foreign", {{"device", record.device()}, {"name", clean}});
        return {};
    }

    Result<> store_content(sqlite::Database& db, Effect& effect, Record& record)
    {
        if (auto const* const state = std::get_if<wire::State>(&record.message))
            return take_state(db, effect, record, *state);
        if (auto* const series = std::get_if<wire::Series>(&record.message))
            return take_series(db, effect, record, *series);
        if (auto* const event = std::get_if<wire::Event>(&record.message)) return take_event(db, record, *event);
        auto gap = std::get<wire::Gap>(record.message);
        gap.at_ms = record.corrected(gap.at_ms);
        gap.reason = clean_text(gap.reason, 64);
        return lost(db, record, gap);
    }

    void touch(Effect& effect, Record const& record, std::function<void(api::DeviceRow&)> change) const
    {
        effect.after.push_back(
            [this, id = record.device(), change = std::move(change)] { options.projection.update_device(id, change); });
        std::string customer;
        {
            std::lock_guard const lock(mutex);
            customer = devices.at(record.device()).customer_id;
        }
        note(effect.change, record.device(), customer);
    }

    Result<> take_state(sqlite::Database& db, Effect& effect, Record const& record, wire::State const& state)
    {
        auto const& id = record.device();
        auto const status = store::probe_status(db, id, state.probe);
        if (!status) return status.error();
        bool const same = *status && (*status)->digest == state.digest;
        bool const recovered = same && !(*status)->unknown.empty();
        Snapshot rows;
        if (*status && state.unknown.empty() && (!same || recovered)) {
            auto stored = store::state_snapshot(db, id, state.probe);
            if (!stored) return stored.error();
            rows = std::move(*stored);
        }
        auto outcome = ingest::apply(state, *status, rows, record.corrected(state.taken_ms));
        effect.judged.insert(id);
        auto const at = now();
        switch (outcome.what) {
        case ingest::What::foreign:
            return foreign(record, state.probe);
        case ingest::What::bad:
            return spoilt(db, record, outcome.error);
        case ingest::What::resync:
            record.session->resync.insert(state.probe);
            log::info("agent.resync", {{"device", id}, {"probe", state.probe}});
            return {};
        case ingest::What::unknown:
            append(effect.alerts, evaluator.readable(id, state.probe, outcome.status.unknown, at));
            break;
        case ingest::What::unchanged:
            append(effect.alerts, evaluator.readable(id, state.probe, "", at));
            break;
        case ingest::What::changed: {
            auto changed =
                store::change_state(db, id, state.probe, outcome.changed, outcome.removed, outcome.status.as_of_ms);
            if (!changed) return changed;
            append(effect.alerts,
                   evaluator.state(id, state.probe, outcome.changed, outcome.removed, record.correction(), at));
            append(effect.alerts, evaluator.readable(id, state.probe, "", at));
            break;
        }
        }
        if (auto kept = store::save_probe_status(db, id, outcome.status); !kept) return kept;
        if (outcome.what == ingest::What::unchanged && !recovered) {
            touch(effect, record, [probe = state.probe, as_of = outcome.status.as_of_ms](api::DeviceRow& row) {
                view::derive_checked(row, probe, as_of);
            });
            return {};
        }
        auto const after = std::make_shared<Snapshot>(recovered ? std::move(rows) : std::move(outcome.after));
        touch(effect, record, [status_now = outcome.status, after](api::DeviceRow& row) {
            view::derive_state(row, status_now, *after);
        });
        if (state.probe == "hardware" || state.probe == "os")
            effect.after.push_back([this, id] {
                std::string customer;
                {
                    std::lock_guard const lock(mutex);
                    customer = devices.at(id).customer_id;
                }
                evaluator.put_device(id, customer, type_of(id));
            });
        return {};
    }

    Result<> take_series(sqlite::Database& db, Effect& effect, Record const& record, wire::Series& series)
    {
        std::string error;
        auto const what = ingest::check(series, error);
        if (what == ingest::What::foreign) return foreign(record, series.probe);
        if (what == ingest::What::bad) return spoilt(db, record, error);
        series.taken_ms = record.corrected(series.taken_ms);
        if (auto kept = store::add_series(db, record.device(), series); !kept) return kept;
        std::uint64_t values = 0;
        for (auto const& sample : series.samples)
            values += sample.values.size();
        effect.after.push_back([this, values] { series_values_stored += values; });
        effect.judged.insert(record.device());
        append(effect.alerts, evaluator.series(record.device(), series, series.taken_ms, now()));
        auto const& shown = view::derived_series_probes();
        if (std::ranges::find(shown, series.probe) != shown.end())
            touch(effect, record, [series](api::DeviceRow& row) {
                view::derive_series(row, series.probe, series.samples, series.taken_ms);
            });
        return {};
    }

    Result<> take_event(sqlite::Database& db, Record const& record, wire::Event& event)
    {
        std::string error;
        auto const what = ingest::check(event, error);
        if (what == ingest::What::foreign) return foreign(record, event.name);
        if (what == ingest::What::bad) return spoilt(db, record, error);
        event.at_ms = record.corrected(event.at_ms);
        return store::add_event(db, record.device(), record.session->epoch, event);
    }

    Result<> take_checked(sqlite::Database& db, Effect& effect, Record const& record, wire::Checked const& checked)
    {
        for (auto const& [probe, taken_ms] : checked.probes) {
            auto const as_of_ms = record.corrected(taken_ms);
            if (auto kept = store::set_checked(db, record.device(), probe, as_of_ms); !kept) return kept;
            if (db.changes() == 0) continue; // Not held, or its last reading failed: there is nothing to confirm.
            touch(effect, record,
                  [probe = probe, as_of_ms](api::DeviceRow& row) { view::derive_checked(row, probe, as_of_ms); });
        }
        return {};
    }

    // --- requests
    // --------------------------------------------------------------------------------------------------------

    /// Runs a request's work and answers with what it made, or with the refusal.
    template <class T>
    void request(std::function<Result<>(sqlite::Database&, Effect&, T&)> body, Done<T> done)
    {
        auto const made = std::make_shared<T>();
        auto const job = std::make_shared<Job>();
        job->body = [body = std::move(body), made](sqlite::Database& db, Effect& effect) {
            *made = {};
            return body(db, effect, *made);
        };
        job->finish = [made, done](Result<> const& result, Effect& effect) {
            if (result)
                done(*made);
            else
                done(effect.refusal ? *effect.refusal : refusal_of(result.error()));
        };
        if (!submit(job)) done(refusal_of(fail(errc::busy, "store")));
    }

    /// Ends a work because of its request: what it did is undone.
    static Error refuse(Effect& effect, Refusal refusal)
    {
        auto error = fail(refusal.code, refusal.detail);
        effect.refusal = std::move(refusal);
        return error;
    }

    api::DeviceRow new_row(store::Device const& device) const
    {
        api::DeviceRow row{.id = device.id, .name = device.name, .customer_id = device.customer_id};
        view::make_unread(row);
        row.last_seen_ms = device.last_seen_ms;
        row.agent_version = device.agent_version;
        row.enrolled_ms = device.enrolled_ms;
        row.revoked = device.revoked_ms.has_value();
        return row;
    }

    /// Under `mutex`: the first thing we know of a device's presence in this run.
    void place_locked(store::Device const& device, std::string_view availability, std::string_view reason)
    {
        auto& where = devices[device.id];
        where.customer_id = device.customer_id;
        where.last_seen_ms = device.last_seen_ms;
        where.agent_version = device.agent_version;
        become_locked(device.id, where, availability, reason);
        if (device.last_seen_ms) where.since_ms = device.last_seen_ms;
        show_locked(device.id, where);
    }

    /// Closes the device's connection, if it has one. After the commit, on the writer's thread.
    void disconnect(std::string const& device_id, std::string_view reason, std::string_view remedy)
    {
        SessionPtr session;
        {
            std::lock_guard const lock(mutex);
            session = devices[device_id].session;
        }
        if (session) {
            session->broken = true;
            session->socket->refuse(refuse_device(reason, remedy));
        }
        if (options.close_device) options.close_device(device_id);
    }

    /// A machine that is being installed anew is not connected: either somebody enrolled it twice, or somebody else
    /// with a valid token gave out its hardware identity as his own.
    void warn_of_takeover(std::string const& device_id, std::string const& remote) const
    {
        std::lock_guard const lock(mutex);
        auto const found = devices.find(device_id);
        if (found == devices.end() || !found->second.session) return;
        log::warning(
            "device.enrolled_while_connected",
            {{"device", device_id}, {"connected_from", found->second.session->peer.remote}, {"remote", remote}});
    }

    /// After the commit: what everybody has to know of a device that has just been given a certificate.
    void install(store::Device const& device, bool again, std::string const& remote)
    {
        if (again) {
            warn_of_takeover(device.id, remote);
            disconnect(device.id, "replaced", "This device was enrolled again: its new certificate counts.");
            options.projection.update_device(device.id, [&](api::DeviceRow& row) {
                row.enrolled_ms = device.enrolled_ms;
                row.agent_version = device.agent_version;
            });
            return;
        }
        options.projection.put_device(new_row(device));
        evaluator.put_device(device.id, device.customer_id, "");
        std::lock_guard const lock(mutex);
        place_locked(device, "offline", "never connected");
    }

    Result<> enrol_device(sqlite::Database& db, Effect& effect, wire::EnrolRequest const& asked,
                          std::string const& remote, wire::EnrolAnswer& answer)
    {
        auto const at_ms = options.clock.now_ms();
        auto const hash = sha256_hex(asked.token);
        auto const token = store::find_token_by_secret(db, hash);
        if (!token) return token.error();
        if (!*token || !equal_constant_time((*token)->secret_sha256, hash))
            return refuse(effect, {errc::unauthenticated, "token", "The token is not known here.",
                                   "Copy it whole, or make a new one with \"Add device\" on the customer's page."});
        auto used = store::use_token(db, (*token)->id, at_ms);
        if (!used && code_of(used.error()) == errc::refused)
            return refuse(effect, {errc::refused, "token", "This cannot be used: " + used.error().trace + ".",
                                   "Make a new one with \"Add device\" on the customer's page."});
        if (!used) return used;

        auto const known = store::find_device_by_hardware(db, (*token)->customer_id, asked.hardware_id);
        if (!known) return known.error();
        bool const again = known->has_value();
        auto const id = again ? (*known)->id : make_uuid(at_ms);
        auto certificate = options.sign(asked.request_pem, id);
        if (!certificate)
            return refuse(effect, {errc::bad_input, "request_pem",
                                   "The certificate request cannot be signed: " + certificate.error().trace + ".",
                                   "Enrol with the agent's own command; it makes the request."});
        auto const version = clean_text(asked.agent_version, 64);
        store::Device device;
        if (again) {
            device = **known;
            device.agent_version = version;
            device.enrolled_ms = at_ms;
            auto replaced = store::replace_certificate(db, id, certificate->fingerprint, certificate->issued_ms,
                                                       (*token)->id, version, at_ms);
            if (!replaced) return replaced;
        } else {
            device = {.id = id,
                      .customer_id = (*token)->customer_id,
                      .name = clean_text(asked.host_name, name_characters),
                      .hardware_id = asked.hardware_id,
                      .fingerprint = certificate->fingerprint,
                      .agent_version = version,
                      .token_id = (*token)->id,
                      .enrolled_ms = at_ms,
                      .last_seen_ms = {},
                      .revoked_ms = {},
                      .issued_ms = certificate->issued_ms,
                      .disk_ids = {},
                      .copied_from = {}};
            if (auto added = store::add_device(db, device); !added) return added;
        }
        answer = {.device_id = id,
                  .certificate_pem = std::move(certificate->certificate_pem),
                  .ca_pem = std::move(certificate->ca_pem)};
        note(effect.change, id, device.customer_id);
        effect.change.tokens = true;
        effect.change.customers = true;
        effect.after.push_back([this, device, again, remote, token_id = (*token)->id] {
            log::info("device.enrolled", {{"device", device.id},
                                          {"customer", device.customer_id},
                                          {"token", token_id},
                                          {"again", again},
                                          {"remote", remote}});
            install(device, again, remote);
        });
        return {};
    }

    using Separation = std::variant<wire::Refused, wire::Separated>;

    /// The device that this copy has become already, if it has: asked again, it is the same one.
    Result<std::optional<store::Device>> find_copy(sqlite::Database& db, store::Device const& origin,
                                                   std::string_view first_id, wire::Separate const& asked)
    {
        std::string id;
        {
            std::lock_guard const lock(mutex);
            auto const& twins = devices[origin.id].twins;
            auto const twin = twins.find(asked.boot_id);
            if (twin == twins.end()) return store::find_copy(db, first_id, asked.hardware.id);
            id = twin->second;
        }
        return store::find_device(db, id);
    }

    [[nodiscard]] bool is_connected(std::string const& device_id) const
    {
        std::lock_guard const lock(mutex);
        auto const found = devices.find(device_id);
        return found != devices.end() && found->second.session;
    }

    /// What keeps a machine that may ask from becoming a device. On the writer's thread.
    Result<std::optional<wire::Refused>> inseparable(sqlite::Database& db, store::Device const& origin,
                                                     std::string_view first_id, wire::Separate const& asked,
                                                     std::optional<store::Device> const& known)
    {
        auto const revoked = [] {
            return std::optional(refuse_device("revoked",
                                               "This device was revoked, or the one that its disk was "
                                               "copied from: ask whoever is in charge; enrol with a token."));
        };
        if (known && known->revoked_ms) return revoked();
        // Somebody else's word must not throw out a device that is at work.
        if (known && is_connected(known->id))
            return std::optional(refuse_device("in_doubt", "The device that this machine is said to be is connected: "
                                                           "the agent tries again in some minutes."));
        if (known) return std::optional<wire::Refused>();
        auto const gone = store::is_copy_revoked(db, first_id, asked.hardware.id);
        if (!gone) return gone.error();
        if (*gone) return revoked();
        if (origin.hardware_id != asked.hardware.id) {
            auto const other = store::find_device_by_hardware(db, origin.customer_id, asked.hardware.id);
            if (!other) return other.error();
            // Whoever has one device's key must not become another one by naming its hardware.
            if (*other)
                return std::optional(refuse_device(
                    "known_hardware", "This machine was enrolled as another device, before its disk was overwritten "
                                      "with a copy: run rollcall-agent enrol --replace with a new token, and it is "
                                      "that device again."));
        }
        auto const day_ago_ms = options.clock.now_ms() - milliseconds(std::chrono::hours(24)).count();
        auto const copies = store::count_copies(db, first_id, day_ago_ms);
        if (!copies) return copies.error();
        auto const all_copies = store::count_copies(db, first_id, 0);
        if (!all_copies) return all_copies.error();
        if (*all_copies >= copies_in_all)
            return std::optional(refuse_device(
                "too_many_copies", fmt::format("At most {} copies of a device become devices of their own: enrol with "
                                               "a token.",
                                               copies_in_all)));
        if (*copies < copies_a_day) return std::optional<wire::Refused>();
        return std::optional(refuse_device(
            "too_many_copies", fmt::format("At most {} copies of a device become devices of their own in a day: try "
                                           "tomorrow, or enrol with a token.",
                                           copies_a_day)));
    }

    /// On the writer's thread, within the transaction.
    Result<> separate_copy(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                           wire::Separate const& asked, Separation& answer)
    {
        auto const found = store::find_device(db, peer.device_id);
        if (!found) return found.error();
        auto refused = admit(db, effect, peer, *found);
        if (!refused) return refused.error();
        if (!*refused) *refused = unfit(peer, asked.request_pem, "separate.request_pem");
        if (auto const wrong = wire::misfit(asked.hardware); !*refused && !wrong.empty())
            *refused = refuse_device("message", "separate." + wrong);
        if (!*refused && speaker(**found, asked.hardware, asked.boot_id) != Speaker::copy)
            *refused = refuse_device("not_copied", "This machine is the device itself.");
        if (*refused) {
            answer = **refused;
            return {};
        }
        auto const& origin = **found;
        auto const first_id = origin.copied_from.empty() ? origin.id : origin.copied_from;
        auto const known = find_copy(db, origin, first_id, asked);
        if (!known) return known.error();
        refused = inseparable(db, origin, first_id, asked, *known);
        if (!refused) return refused.error();
        auto const at_ms = options.clock.now_ms();
        bool const again = known->has_value();
        auto const id = again ? (*known)->id : make_uuid(at_ms);
        auto certificate =
            *refused ? Result<SignedCertificate>(fail(errc::refused, "")) : options.sign(asked.request_pem, id);
        if (!*refused && !certificate)
            *refused = refuse_device("message", "separate.request_pem: " + certificate.error().trace);
        if (*refused) {
            answer = **refused;
            return {};
        }

        auto device = again ? **known : origin;
        device.agent_version = clean_text(asked.agent_version, 64);
        device.enrolled_ms = at_ms;
        if (again) {
            auto replaced = store::replace_certificate(db, id, certificate->fingerprint, certificate->issued_ms,
                                                       device.token_id, device.agent_version, at_ms);
            if (!replaced) return replaced;
        } else {
            device.id = id;
            if (auto name = clean_text(asked.host_name, name_characters); !name.empty()) device.name = std::move(name);
            device.hardware_id = asked.hardware.id;
            device.disk_ids = asked.hardware.disks;
            device.fingerprint = certificate->fingerprint;
            device.issued_ms = certificate->issued_ms;
            device.last_seen_ms.reset();
            device.copied_from = first_id;
            if (auto added = store::add_device(db, device); !added) return added;
        }
        auto told = tell(db, effect, origin, again ? "copied_again" : "disk_copied",
                         {{"device_id", device.id}, {"name", device.name}, {"remote", peer.remote}});
        if (told)
            told = tell(db, effect, device, again ? "copied_again" : "made_from_copy",
                        {{"device_id", origin.id}, {"name", origin.name}, {"remote", peer.remote}});
        if (!told) return told;
        answer = wire::Separated{.device_id = id,
                                 .certificate_pem = std::move(certificate->certificate_pem),
                                 .ca_pem = std::move(certificate->ca_pem)};
        note(effect.change, id, device.customer_id);
        effect.change.customers = true;
        effect.after.push_back(
            [this, device, again, origin_id = origin.id, boot_id = asked.boot_id, remote = peer.remote] {
                log::warning("device.separated",
                             {{"device", device.id}, {"copy_of", origin_id}, {"again", again}, {"remote", remote}});
                install(device, again, remote);
                std::lock_guard const lock(mutex);
                auto& twins = devices[origin_id].twins;
                if (auto const twin = twins.find(boot_id); twin != twins.end()) twin->second = device.id;
            });
        return {};
    }

    Result<> revoke(sqlite::Database& db, Effect& effect, std::string const& id, store::Device& device)
    {
        auto const found = store::find_device(db, id);
        if (!found) return found.error();
        if (!*found)
            return refuse(effect, {errc::not_found, "id", "There is no such device.", "Look at the list of devices."});
        auto const at = now();
        if (auto revoked = store::revoke_device(db, id, at.wall_ms); !revoked) return revoked;
        device = **found;
        device.revoked_ms = device.revoked_ms.value_or(at.wall_ms);
        effect.judged.insert(id);
        if (auto fresh = refresh_stale(db, effect, id); !fresh) return fresh;
        append(effect.alerts, evaluator.retire(id, at));
        note(effect.change, id, device.customer_id);
        effect.change.customers = true;
        effect.after.push_back([this, id] {
            log::info("device.revoked", {{"device", id}});
            options.projection.update_device(id, [](api::DeviceRow& row) { row.revoked = true; });
            disconnect(id, "revoked", "Ask whoever is in charge; enrol again with a new token.");
            std::lock_guard const lock(mutex);
            auto& where = devices[id];
            where.session.reset();
            become_locked(id, where, "retired", "revoked");
            where.tell_rules = false;
        });
        return {};
    }

    // --- boot
    // ------------------------------------------------------------------------------------------------------------

    Result<> load_device(sqlite::Database& db, store::Device const& device)
    {
        auto row = new_row(device);
        auto const statuses = store::probe_statuses(db, device.id);
        if (!statuses) return statuses.error();
        auto const& derived = view::derived_state_probes();
        for (auto const& status : *statuses) {
            if (std::ranges::find(derived, status.probe) == derived.end()) continue;
            auto const rows = store::state_snapshot(db, device.id, status.probe);
            if (!rows) return rows.error();
            view::derive_state(row, status, *rows);
        }
        for (auto const probe : view::derived_series_probes()) {
            auto const latest = store::latest_series(db, device.id, probe);
            if (!latest) return latest.error();
            if (*latest) view::derive_series(row, probe, (*latest)->samples, (*latest)->taken_ms);
        }
        if (!device.revoked_ms) evaluator.put_device(device.id, device.customer_id, row.device_type.value.value_or(""));
        options.projection.put_device(std::move(row));
        std::lock_guard const lock(mutex);
        if (device.revoked_ms)
            place_locked(device, "retired", "revoked");
        else if (device.last_seen_ms)
            place_locked(device, "unknown", "collector restarted");
        else
            place_locked(device, "offline", "never connected");
        if (device.revoked_ms) devices[device.id].tell_rules = false;
        return {};
    }

    Result<> load(sqlite::Database& db)
    {
        auto const customers = store::all_customers(db);
        if (!customers) return customers.error();
        for (auto const& customer : *customers)
            options.projection.put_customer(customer);
        auto const found = store::all_devices(db);
        if (!found) return found.error();
        for (auto const& device : *found)
            if (auto loaded = load_device(db, device); !loaded) return loaded;
        auto const alerts = store::recent_alerts(db, options.clock.now_ms() - resolved_shown_for.count());
        if (!alerts) return alerts.error();
        rules::Changes orphans;
        for (auto const& alert : *alerts) {
            options.projection.put_alert(alert);
            if (!alert.resolved_ms) append(orphans, evaluator.adopt(alert, now()));
        }
        if (auto saved = save(db, orphans); !saved) return saved;
        for (auto const& change : orphans)
            options.projection.put_alert(change.alert);
        log::info("pipeline.loaded",
                  {{"customers", customers->size()}, {"devices", found->size()}, {"alerts", alerts->size()}});
        return {};
    }

    // --- time
    // ------------------------------------------------------------------------------------------------------------

    void tick_presence()
    {
        view::Change change;
        bool keep = false;
        bool tell = false;
        {
            std::lock_guard const lock(mutex);
            auto const steady = options.clock.steady();
            bool const over = !grace_over && steady - started >= grace_after_start;
            grace_over = grace_over || over;
            keep = steady - seen_kept_at >= keep_seen_every;
            if (keep) seen_kept_at = steady;
            for (auto& [id, where] : devices) {
                if (over && where.availability == "unknown") {
                    auto const since_ms = where.since_ms;
                    become_locked(id, where, "offline", "not back since the collector's start");
                    where.since_ms = since_ms;
                    show_locked(id, where);
                    note(change, id, where.customer_id);
                } else if (std::exchange(where.show_seen, false)) {
                    show_locked(id, where);
                }
                tell = tell || where.tell_rules;
            }
        }
        if (!is_empty(change)) options.projection.announce(change);
        if (keep || tell) sync(keep);
    }

    void tick_rules()
    {
        {
            std::lock_guard const lock(mutex);
            if (std::exchange(ticking, true)) return;
        }
        auto const job = std::make_shared<Job>();
        auto const self = shared_from_this();
        job->body = [self](sqlite::Database& db, Effect& effect) -> Result<> {
            for (auto const& id : std::set(self->stale))
                if (auto fresh = self->reload(db, effect, id); !fresh) return fresh;
            append(effect.alerts, self->evaluator.tick(self->now()));
            return {};
        };
        job->finish = [self](Result<> const&, Effect&) {
            std::lock_guard const lock(self->mutex);
            self->ticking = false;
        };
        if (!submit(job)) {
            std::lock_guard const lock(mutex);
            ticking = false;
        }
    }

    void tick()
    {
        tick_presence();
        tick_rules();
        bool forget = false;
        {
            std::lock_guard const lock(mutex);
            auto const steady = options.clock.steady();
            forget = steady - alerts_forgotten_at >= forget_alerts_every;
            if (forget) alerts_forgotten_at = steady;
        }
        if (forget) options.projection.forget_alerts(options.clock.now_ms() - resolved_shown_for.count());
    }

    void run_ticker()
    {
        std::unique_lock lock(tick_mutex);
        while (!tick_wake.wait_for(lock, options.tick_every, [&] { return stopping; })) {
            lock.unlock();
            tick();
            lock.lock();
        }
    }
};

Pipeline::Pipeline(std::shared_ptr<State> state)
    : state_(std::move(state))
{
}

Pipeline::~Pipeline() { stop(); }

Result<std::unique_ptr<Pipeline>> Pipeline::start(Options options)
{
    auto state = std::make_shared<State>(std::move(options));
    state->seen_kept_at = state->started;
    state->alerts_forgotten_at = state->started;
    // On the writer, since alerts of items that the profile no longer has are resolved here.
    auto const loaded = state->options.store.write([state](sqlite::Database& db) { return state->load(db); });
    if (!loaded) return fail(loaded.error(), "pipeline");
    state->options.store.on_group_done([state] { state->answer(); });
    if (state->options.tick_every.count() > 0) state->ticker = std::thread([raw = state.get()] { raw->run_ticker(); });
    return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));
}

void Pipeline::stop()
{
    if (std::exchange(state_->stopped, true)) return;
    {
        std::lock_guard const lock(state_->tick_mutex);
        state_->stopping = true;
    }
    state_->tick_wake.notify_one();
    if (state_->ticker.joinable()) state_->ticker.join();
    // Everything submitted so far runs before this one; what was seen last goes with it.
    for (;;) {
        auto const kept = state_->options.store.write([state = state_](sqlite::Database& db) -> Result<> {
            std::lock_guard const lock(state->mutex);
            for (auto const& [id, where] : state->devices) {
                if (!where.keep_seen || !where.last_seen_ms) continue;
                auto seen = store::set_last_seen(db, id, *where.last_seen_ms, where.agent_version);
                if (!seen) return seen;
            }
            return {};
        });
        if (kept || code_of(kept.error()) != errc::busy) {
            if (!kept) log::warning("pipeline.stop", {{"error", kept.error()}});
            break;
        }
        std::this_thread::sleep_for(milliseconds(10));
    }
    state_->options.store.on_group_done({});
    // What waits was never acknowledged: the agents send it again.
    std::lock_guard const lock(state_->backlog_mutex);
    state_->backlog.clear();
}

void Pipeline::connected(gateway::AgentPeer const& peer, wire::Hello hello,
                         std::shared_ptr<gateway::AgentSocket> socket)
{
    auto const session = std::make_shared<Session>();
    session->peer = peer;
    session->epoch = hello.epoch;
    session->boot_id = hello.boot_id;
    session->socket = std::move(socket);
    {
        std::lock_guard const lock(state_->mutex);
        State::measure_locked(*session, hello.sent_ms - state_->options.clock.now_ms());
        state_->sessions[peer.connection] = session;
    }
    auto const greeted = std::make_shared<State::Greeted>();
    auto const job = std::make_shared<Job>();
    auto const version = hello.agent_version;
    job->body = [state = state_, session, greeted, hello = std::move(hello)](sqlite::Database& db, Effect& effect) {
        return state->greet(db, effect, *session, hello, *greeted);
    };
    job->finish = [state = state_, session, greeted, version](Result<> const& result, Effect&) {
        if (result) {
            state->welcome(session, *greeted, version);
            return;
        }
        state->break_off(session, result.error());
        if (auto const& replaced = greeted->replaced) {
            replaced->broken = false;
            state->break_off(replaced, result.error());
        }
    };
    state_->enqueue(job, {});
}

void Pipeline::renew(gateway::AgentPeer const& peer, wire::Renew renew, std::shared_ptr<gateway::AgentSocket> socket)
{
    using Answer = std::variant<wire::Refused, wire::Renewed>;
    auto const answer = std::make_shared<Answer>();
    auto const job = std::make_shared<Job>();
    job->body = [state = state_, peer, renew = std::move(renew), answer](sqlite::Database& db, Effect& effect) {
        return state->renew_certificate(db, effect, peer, renew, *answer);
    };
    job->finish = [peer, answer, socket = std::move(socket)](Result<> const& result, Effect&) {
        if (!result) {
            log::error("device.not_renewed", {{"device", peer.device_id}, {"error", result.error()}});
            *answer = State::refuse_device(wire::refused_storage,
                                           "The collector cannot store data now. The agent tries again.");
        }
        if (auto const* const refused = std::get_if<wire::Refused>(answer.get())) return socket->refuse(*refused);
        log::info("device.renewed", {{"device", peer.device_id}, {"remote", peer.remote}});
        socket->send(std::get<wire::Renewed>(*answer));
    };
    state_->enqueue(job, {});
}

void Pipeline::separate(gateway::AgentPeer const& peer, wire::Separate separate,
                        std::shared_ptr<gateway::AgentSocket> socket)
{
    auto const answer = std::make_shared<State::Separation>();
    auto const job = std::make_shared<Job>();
    job->body = [state = state_, peer, separate = std::move(separate), answer](sqlite::Database& db, Effect& effect) {
        return state->separate_copy(db, effect, peer, separate, *answer);
    };
    job->finish = [peer, answer, socket = std::move(socket)](Result<> const& result, Effect&) {
        if (!result) {
            log::error("device.not_separated", {{"copy_of", peer.device_id}, {"error", result.error()}});
            *answer = State::refuse_device("storage", "The collector cannot store data now. The agent tries again.");
        }
        if (auto const* const refused = std::get_if<wire::Refused>(answer.get())) return socket->refuse(*refused);
        socket->send(std::get<wire::Separated>(*answer));
    };
    state_->enqueue(job, {});
}

bool Pipeline::received(gateway::AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume)
{
    auto const session = state_->session_of(peer.connection);
    if (!session) return true;
    auto const record = std::make_shared<State::Record>();
    record->session = session;
    record->message = std::move(message);
    record->now_ms = state_->options.clock.now_ms();
    record->offset_ms = state_->offset_of(*session);
    auto const job = std::make_shared<Job>();
    job->body = [state = state_, record](sqlite::Database& db, Effect& effect) {
        auto result = state->take(db, effect, *record);
        // At once, so that nothing after it in this very group is stored and acknowledged over its head.
        if (!result) state->break_off(record->session, result.error());
        return result;
    };
    job->finish = [state = state_, record](Result<> const& result, Effect&) {
        if (!result) state->break_off(record->session, result.error());
        state->leave(*record->session);
    };
    bool const more = state_->enter(*session, resume);
    // Both may call resume: once too often only brings one more message.
    return state_->enqueue(job, std::move(resume)) && more;
}

void Pipeline::heard(gateway::AgentPeer const& peer, UnixMs peer_clock_ms)
{
    std::lock_guard const lock(state_->mutex);
    auto const found = state_->sessions.find(peer.connection);
    if (found == state_->sessions.end()) return;
    auto const place = state_->devices.find(peer.device_id);
    if (place == state_->devices.end() || place->second.session != found->second) return;
    auto& where = place->second;
    auto const now_ms = state_->options.clock.now_ms();
    where.last_seen_ms = now_ms;
    where.keep_seen = true;
    where.show_seen = true;
    if (peer_clock_ms != 0)
        where.offset_ms = State::beyond_limit(State::measure_locked(*found->second, peer_clock_ms - now_ms));
}

void Pipeline::closed(gateway::AgentPeer const& peer, std::string_view reason)
{
    view::Change change;
    {
        std::lock_guard const lock(state_->mutex);
        auto const found = state_->sessions.find(peer.connection);
        if (found == state_->sessions.end()) return;
        auto const session = found->second;
        session->closed = true;
        state_->sessions.erase(found);
        auto const place = state_->devices.find(peer.device_id);
        if (place == state_->devices.end() || place->second.session != session) return;
        auto& where = place->second;
        State::see_boot_locked(where, state_->options.clock.steady());
        where.session.reset();
        where.keep_seen = true;
        if (where.availability != "retired") state_->become_locked(peer.device_id, where, "offline", reason);
        State::note(change, peer.device_id, where.customer_id);
    }
    state_->options.projection.announce(change);
    state_->sync(false);
}

void Pipeline::enrol(wire::EnrolRequest request, std::string remote, Done<wire::EnrolAnswer> done)
{
    auto const bad = [&](std::string field, std::string detail) {
        done(Refusal{errc::bad_input, std::move(field), std::move(detail), "Enrol with the agent's own command."});
    };
    if (request.token.empty()) return bad("token", "There is no token.");
    if (request.host_name.empty() || !is_utf8(request.host_name) ||
        count_characters(request.host_name) > name_characters)
        return bad("host_name", fmt::format("The host name must be 1 to {} characters of UTF-8.", name_characters));
    if (request.hardware_id.size() > hardware_id_bytes || !is_utf8(request.hardware_id))
        return bad("hardware_id", fmt::format("The hardware id must be at most {} bytes of UTF-8.", hardware_id_bytes));
    state_->request<wire::EnrolAnswer>(
        [state = state_, request = std::move(request), remote = std::move(remote)](sqlite::Database& db, Effect& effect,
                                                                                   wire::EnrolAnswer& answer) {
            return state->enrol_device(db, effect, request, remote, answer);
        },
        std::move(done));
}

void Pipeline::add_customer(std::string const& name, Done<store::Customer> done)
{
    auto const typed = trimmed_name(name);
    if (typed.empty() || !is_utf8(typed) || count_characters(typed) > name_characters ||
        clean_text(typed, typed.size()) != typed || typed.find_first_of("\n\t") != std::string::npos) {
        done(
            Refusal{errc::bad_input, "name",
                    fmt::format("A customer's name has 1 to {} characters and no control characters.", name_characters),
                    "Choose another name."});
        return;
    }
    state_->request<store::Customer>(
        [state = state_, typed](sqlite::Database& db, Effect& effect, store::Customer& customer) -> Result<> {
            auto const at_ms = state->options.clock.now_ms();
            customer = {.id = make_uuid(at_ms), .name = typed, .created_ms = at_ms};
            auto added = store::add_customer(db, customer);
            if (!added && code_of(added.error()) == errc::conflict)
                return State::refuse(effect, {errc::conflict, "name", "There is a customer of this name already.",
                                              "Choose another name."});
            if (!added) return added;
            effect.change.customers = true;
            effect.change.customer_ids.insert(customer.id);
            effect.after.push_back([state, customer] { state->options.projection.put_customer(customer); });
            return {};
        },
        std::move(done));
}

void Pipeline::add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done)
{
    if (uses < 1 || uses > token_uses_limit) {
        done(Refusal{errc::bad_input, "uses", fmt::format("A token has 1 to {} uses.", token_uses_limit),
                     "Choose a number between them."});
        return;
    }
    if (expires_in_s < token_seconds_least || expires_in_s > token_seconds_limit) {
        done(Refusal{errc::bad_input, "expires_in_s",
                     fmt::format("A token lives {} to {} seconds.", token_seconds_least, token_seconds_limit),
                     "Choose a number between them."});
        return;
    }
    state_->request<MadeToken>(
        [state = state_, customer_id = std::move(customer_id), uses, expires_in_s](sqlite::Database& db, Effect& effect,
                                                                                   MadeToken& made) -> Result<> {
            auto const customer = store::find_customer(db, customer_id);
            if (!customer) return customer.error();
            if (!*customer)
                return State::refuse(effect, {errc::not_found, "customer_id", "There is no such customer.",
                                              "Look at the list of customers."});
            auto const at_ms = state->options.clock.now_ms();
            made.secret = make_secret(secret_bytes);
            made.token = {.id = make_uuid(at_ms),
                          .customer_id = customer_id,
                          .secret_sha256 = sha256_hex(made.secret),
                          .created_ms = at_ms,
                          .expires_ms = at_ms + expires_in_s * 1000,
                          .uses = uses,
                          .uses_left = uses,
                          .revoked_ms = {}};
            effect.change.tokens = true;
            effect.change.customer_ids.insert(customer_id);
            return store::add_token(db, made.token);
        },
        std::move(done));
}

void Pipeline::revoke_token(std::string id, Done<store::EnrolmentToken> done)
{
    state_->request<store::EnrolmentToken>(
        [state = state_, id = std::move(id)](sqlite::Database& db, Effect& effect,
                                             store::EnrolmentToken& token) -> Result<> {
            if (auto revoked = store::revoke_token(db, id, state->options.clock.now_ms()); !revoked) return revoked;
            auto const found = store::find_token(db, id);
            if (!found) return found.error();
            if (!*found)
                return State::refuse(effect, {errc::not_found, "id", "There is no such token.",
                                              "Look at the customer's list of tokens."});
            token = **found;
            effect.change.tokens = true;
            effect.change.customer_ids.insert(token.customer_id);
            return {};
        },
        std::move(done));
}

void Pipeline::revoke_device(std::string id, Done<store::Device> done)
{
    state_->request<store::Device>(
        [state = state_, id = std::move(id)](sqlite::Database& db, Effect& effect, store::Device& device) {
            return state->revoke(db, effect, id, device);
        },
        std::move(done));
}

void Pipeline::tick() { state_->tick(); }

rules::Profile const& Pipeline::profile() const { return state_->options.profile; }

Figures Pipeline::figures() const
{
    Figures figures{.connected_devices = 0,
                    .records_stored = state_->records_stored,
                    .records_repeated = state_->records_repeated,
                    .series_values_stored = state_->series_values_stored,
                    .gaps = state_->gaps,
                    .resyncs = state_->resyncs,
                    .alerts_opened = state_->alerts_opened,
                    .alerts_resolved = state_->alerts_resolved,
                    .commits_failed = state_->commits_failed,
                    .backlog = 0};
    {
        std::lock_guard const lock(state_->mutex);
        for (auto const& [id, where] : state_->devices)
            figures.connected_devices += where.session ? 1 : 0;
    }
    std::lock_guard const lock(state_->backlog_mutex);
    figures.backlog = state_->backlog.size();
    return figures;
}

} // namespace rollcall::collector
