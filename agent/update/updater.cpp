#include "agent/update/updater.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "agent/uplink/fetch.hpp"
#include "common/core/awake_time.hpp"
#include "common/core/ids.hpp"
#include "common/core/stop.hpp"
#include "common/log/log.hpp"
#include "platform/hand_over.hpp"

namespace rollcall::update
{

using Steady = std::chrono::steady_clock;

class Updater::Body
{
public:
    explicit Body(Options options)
        : options_(std::move(options))
        , store_(options_.folder, options_.key)
        , awake_(options_.clock->steady())
        , pause_(options_.pause)
    {
    }
    ~Body() { stop(); }
    Body(Body const&) = delete;
    Body& operator=(Body const&) = delete;

    void offer(wire::Update update)
    {
        {
            std::lock_guard const lock(mutex_);
            offered_ = std::move(update);
        }
        wake_.notify_one();
    }

    void start(Hooks hooks)
    {
        hooks_ = std::move(hooks);
        thread_ = std::thread([this] { run(); });
    }

    void stop()
    {
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        stop_.request();
        wake_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

private:
    void run()
    {
        awake_ = AwakeTime(options_.clock->steady());
        auto loaded = store_.load();
        memory_ = loaded ? *loaded : store_.forget(loaded.error());
        if (on_trial())
            note(memory_, {.version = options_.running,
                           .from = memory_.trial->from,
                           .state = State::trial,
                           .reason = {},
                           .at_ms = options_.clock->now_ms()});
        // A file that only could not be read now is not written over, and the next start knows what is of use.
        if (loaded)
            store_.clean(memory_);
        else
            refuse("", "memory",
                   "no program is deleted, since it is not known which are of use: " + loaded.error().trace);
        while (!stop_.requested() && !changed_) {
            tell_untold();
            if (on_trial()) {
                watch_trial();
            } else {
                if (store_.take_retry() && retry(memory_, options_.running)) want_now();
                if (auto update = take_offer()) consider(*update);
                if (memory_.wanted && !memory_.trial && Steady::now() >= begin_at_) go_on();
            }
            rest();
        }
    }

    [[nodiscard]] bool on_trial() const { return memory_.trial && memory_.trial->version == options_.running; }

    void rest()
    {
        std::unique_lock lock(mutex_);
        if (changed_) return;
        auto until = Steady::now() + options_.look_every;
        if (memory_.wanted) until = std::min(until, std::max(begin_at_, Steady::now() + 10ms));
        wake_.wait_until(lock, until, [this] { return stopping_ || (offered_ && !on_trial()); });
    }

    std::optional<wire::Update> take_offer()
    {
        std::lock_guard const lock(mutex_);
        return std::exchange(offered_, std::nullopt);
    }

    void done(std::string_view step)
    {
        if (options_.after) options_.after(step);
    }

    bool save()
    {
        auto const saved = store_.save(memory_);
        if (!saved) log::error("update.not_kept", {{"error", saved.error()}});
        done("saved");
        return saved.has_value();
    }

    static wire::Event event_of(std::string version, Version from, State state, std::string reason, UnixMs at_ms)
    {
        wire::Event event;
        event.name = "agent_update";
        event.at_ms = at_ms;
        event.detail = {{"version", std::move(version)},
                        {"from", to_string(from)},
                        {"state", std::string(to_string(state))},
                        {"reason", std::move(reason)}};
        return event;
    }

    /// First into the spool, then out of the memory: a loss of power in between tells it twice.
    void tell_untold()
    {
        std::size_t told = 0;
        for (auto const& one : memory_.untold) {
            if (!hooks_.tell(event_of(to_string(one.version), one.from, one.state, one.reason, one.at_ms))) break;
            log::info("update", {{"version", to_string(one.version)},
                                 {"state", std::string(to_string(one.state))},
                                 {"reason", one.reason}});
            ++told;
        }
        if (told == 0) return;
        done("told");
        memory_.untold.erase(memory_.untold.begin(), memory_.untold.begin() + static_cast<std::ptrdiff_t>(told));
        save();
    }

    void watch_trial()
    {
        awake_.look(options_.clock->steady(), 2 * options_.look_every);
        if (hooks_.proven()) {
            confirm(memory_, options_.clock->now_ms());
            // Not written, it would be rolled back after the next start: then it is tried again at once.
            if (!save()) {
                memory_ = store_.load_or_forget();
                return;
            }
            platform::call_off();
            store_.clean(memory_);
        } else if (awake_.spent() >= options_.limits.trial) {
            roll_back(memory_, fmt::format("not connected and acknowledged within {} s", options_.limits.trial.count()),
                      options_.clock->now_ms());
            save();
            change();
        }
    }

    void change()
    {
        {
            std::lock_guard const lock(mutex_);
            changed_ = true;
        }
        hooks_.change();
    }

    /// A collector offers again at each connection; it is told once why not.
    void refuse(std::string const& version, std::string const& mark, std::string reason)
    {
        auto const refusal = mark + reason;
        if (refusal == refused_) return;
        log::warning("update.refused", {{"version", version}, {"reason", reason}});
        if (hooks_.tell(
                event_of(version, options_.running, State::refused, std::move(reason), options_.clock->now_ms())))
            refused_ = refusal;
    }

    void consider(wire::Update const& update)
    {
        auto const stored = store_.check(update.manifest, update.signature);
        // Of a manifest that nobody we know signed not even the version counts.
        if (!stored) return refuse("", sha256_hex(update.manifest + update.signature), stored.error().trace);
        auto const version = stored->manifest.version;
        auto const no = [&](std::string const& why) { refuse(to_string(version), stored->manifest_sha256, why); };
        auto const take = judge(memory_, stored->manifest, stored->manifest_sha256, update.again, options_.running);
        if (!take) return no(take.error().trace);
        if (!*take && !was_released_anew(*stored)) return;
        if (store_.paused()) return no("updates are paused on this machine: rollcall-agent update --resume");
        if (auto const kept = store_.keep_manifest(*stored, update.manifest, update.signature); !kept)
            return no(kept.error().trace);
        done("manifest");
        memory_.wanted = version;
        want_now();
        auto const spread = std::clamp<std::int64_t>(update.spread_s, 0, longest_spread.count());
        begin_at_ += std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(
            static_cast<double>(spread) * std::uniform_real_distribution<double>(0.0, 1.0)(random_)));
        log::info("update.wanted", {{"version", to_string(version)}, {"spread_s", spread}});
    }

    /// What is wanted has another manifest by now; what was begun of it is worth nothing.
    [[nodiscard]] bool was_released_anew(Stored const& offered) const
    {
        if (memory_.wanted != offered.manifest.version) return false;
        auto const known = store_.find(offered.manifest.version);
        return !known || known->manifest_sha256 != offered.manifest_sha256;
    }

    void want_now()
    {
        begin_at_ = Steady::now();
        pause_ = options_.pause;
        announced_ = false;
        began_anew_ = false;
        denied_ = 0;
        save();
    }

    void later(std::string const& why)
    {
        log::info("update.later", {{"why", why}, {"pause_ms", pause_.count()}});
        begin_at_ = Steady::now() + pause_;
        pause_ = std::min(pause_ * 2, options_.longest_pause);
    }

    void tell_failed(Version version, std::string const& reason)
    {
        note(memory_, {.version = version,
                       .from = options_.running,
                       .state = State::failed,
                       .reason = reason,
                       .at_ms = options_.clock->now_ms()});
    }

    /// One try to get what is wanted.
    void go_on()
    {
        auto const version = *memory_.wanted;
        if (store_.paused()) {
            refuse(to_string(version), "paused", "updates are paused on this machine: rollcall-agent update --resume");
            begin_at_ = Steady::now() + options_.look_every;
            return;
        }
        auto const stored = store_.find(version);
        if (!stored) {
            // Nothing was wrong with the release: whoever offers it again has it.
            log::warning("update.lost", {{"version", to_string(version)}, {"error", stored.error()}});
            memory_.wanted.reset();
            save();
            return;
        }
        if (!store_.verified(version) && !get(*stored)) return;
        done("program");
        auto const before = memory_;
        begin_trial(memory_, options_.running, stored->manifest_sha256, options_.clock->now_ms());
        if (!save()) {
            memory_ = before;
            return later("update.json cannot be written");
        }
        tell_untold();
        change();
    }

    /// True: the program lies in its place.
    bool get(Stored const& stored)
    {
        auto const version = stored.manifest.version;
        if (auto const room = store_.check_space(stored); !room) {
            refuse(to_string(version), "space", room.error().trace);
            later(room.error().trace);
            return false;
        }
        if (!std::exchange(announced_, true)) {
            note(memory_, {.version = version,
                           .from = options_.running,
                           .state = State::downloading,
                           .reason = {},
                           .at_ms = options_.clock->now_ms()});
            tell_untold();
        }
        uplink::FetchOptions what;
        what.folder = options_.folder;
        what.target = fmt::format("/install/files/{}/{}", stored.file.sha256, stored.file.name);
        what.etag = stored.file.sha256;
        what.bytes = static_cast<std::uint64_t>(stored.file.bytes);
        what.part = stored.part;
        what.idle = options_.fetch_idle;
        if (options_.after) what.written = [this](std::uint64_t) { done("part"); };
        std::error_code none;
        bool const resumed = std::filesystem::file_size(stored.part, none) > 0 && !none;
        auto const fetched = uplink::fetch(what, stop_);
        if (!fetched) {
            no_luck(version, stored, fetched.error());
            return false;
        }
        done("fetched");
        if (auto const whole = store_.admit(stored); !whole) {
            // The first part of it may have been lost with the power: once more, from its beginning.
            if (resumed && !std::exchange(began_anew_, true)) {
                later(whole.error().trace);
                return false;
            }
            give_up(memory_, version, stored.manifest_sha256, whole.error().trace, options_.running,
                    options_.clock->now_ms());
            save();
            return false;
        }
        return true;
    }

    void no_luck(Version version, Stored const& stored, Error const& why)
    {
        if (why.code == errc::cancelled) return;
        if (why.code == errc::limit_exceeded) {
            give_up(memory_, version, stored.manifest_sha256, why.trace, options_.running, options_.clock->now_ms());
            save();
            return;
        }
        bool const denied = why.code == errc::not_found || why.code == errc::refused || why.code == errc::bad_message;
        if (denied && ++denied_ >= options_.denials) {
            tell_failed(version, why.trace);
            memory_.wanted.reset();
            save();
            return;
        }
        later(why.trace);
    }

    Options options_;
    Store store_;
    Hooks hooks_;

    // Used on the own thread only.
    Memory memory_;
    AwakeTime awake_;
    Steady::time_point begin_at_;
    std::chrono::milliseconds pause_;
    bool announced_ = false;
    bool began_anew_ = false;
    int denied_ = 0;
    std::string refused_;
    std::mt19937_64 random_{std::random_device{}()};

    std::mutex mutex_; ///< Guards the three below it.
    std::optional<wire::Update> offered_;
    bool stopping_ = false;
    bool changed_ = false; ///< Written on the own thread only.
    std::condition_variable wake_;
    Stop stop_;
    std::thread thread_;
};

Updater::Updater(Options options)
    : body_(std::make_unique<Body>(std::move(options)))
{
}
Updater::~Updater() = default;
void Updater::offer(wire::Update update) { body_->offer(std::move(update)); }
void Updater::start(Hooks hooks) { body_->start(std::move(hooks)); }
void Updater::stop() { body_->stop(); }

} // namespace rollcall::update
