#include "collector/access/access.hpp"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "collector/access/limits.hpp"
#include "collector/access/password.hpp"
#include "collector/access/slow_down.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"

namespace rollcall::access
{

store::Scope scope_of(store::Technician const&) { return store::Scope::everything(); }

struct Access::State {
    store::Store& store;
    Clock const& clock;
    std::string dummy_hash; ///< Verified where the name is unknown, so that both cases take the same time.
    SlowDown failures;
    std::mutex mutex;
    std::vector<std::function<void()>> listeners;

    void tell_sessions_ended();
    [[nodiscard]] std::chrono::milliseconds slow_down(std::vector<std::string> const& keys);
    [[nodiscard]] Result<std::string> give_first_password(std::optional<store::Technician> technician,
                                                          std::string_view name);
    [[nodiscard]] Result<std::optional<store::Technician>> find(std::string_view name);
    [[nodiscard]] bool expired(store::WebSession const& session) const;
};

void Access::State::tell_sessions_ended()
{
    std::vector<std::function<void()>> copy;
    {
        std::lock_guard const lock(mutex);
        copy = listeners;
    }
    for (auto const& listener : copy)
        listener();
}

std::chrono::milliseconds Access::State::slow_down(std::vector<std::string> const& keys)
{
    for (std::size_t at = 0; at < keys.size(); ++at) {
        auto const wait = failures.attempt(keys[at], clock.steady());
        if (wait.count() == 0) continue;
        for (std::size_t earlier = 0; earlier < at; ++earlier)
            failures.take_back(keys[earlier]);
        return wait;
    }
    return std::chrono::milliseconds(0);
}

static std::int64_t whole_seconds(std::chrono::milliseconds wait) { return (wait.count() + 999) / 1000; }

/// Runs a reading question and hands out its answer.
template <class T, class Question>
static Result<T> ask(store::Store& store, Question question)
{
    T answer{};
    auto const done = store.read([&](sqlite::Database& db) -> Result<> {
        auto found = question(db);
        if (!found) return found.error();
        answer = *std::move(found);
        return {};
    });
    if (!done) return done.error();
    return answer;
}

Result<std::optional<store::Technician>> Access::State::find(std::string_view name)
{
    return ask<std::optional<store::Technician>>(
        store, [&](sqlite::Database& db) { return store::find_technician_by_name(db, name); });
}

bool Access::State::expired(store::WebSession const& session) const
{
    auto const now = clock.now_ms();
    return now >= session.expires_ms || now - session.used_ms >= limits::session_idle.count();
}

Access::Access(store::Store& store, Clock const& clock)
    : state_(new State{.store = store,
                       .clock = clock,
                       .dummy_hash = hash_password(make_secret(16)),
                       .failures = {},
                       .mutex = {},
                       .listeners = {}})
{
}

Access::~Access() = default;

Result<LoggedIn> Access::log_in(std::string_view name, std::string_view password, std::string_view remote,
                                std::int64_t& retry_after_s)
{
    auto& state = *state_;
    // A name of any length is one of bounded length here.
    auto const name_key = "name:" + sha256_hex(name);
    auto const peer = "peer:" + peer_key(remote);
    if (auto const wait = state.slow_down({name_key, peer}); wait.count() > 0) {
        retry_after_s = whole_seconds(wait);
        log::warning("access.slowed_down", {{"remote", remote}, {"wait_s", retry_after_s}});
        return fail(errc::busy, "log-in: slowed down");
    }

    auto technician = state.find(name);
    if (!technician) {
        state.failures.take_back(name_key);
        state.failures.take_back(peer);
        return fail(technician.error(), "log-in");
    }
    auto const now = state.clock.now_ms();
    auto const& hash = *technician ? (*technician)->password_hash : state.dummy_hash;
    auto const right = verify_password(hash, password.substr(0, limits::password_bytes)) && *technician;
    auto const void_by_age = right && (*technician)->password_expires_ms && now >= *(*technician)->password_expires_ms;
    if (!right || void_by_age) {
        // A wrong name may be a password typed into the wrong field: it stays out of the log.
        log::warning("access.log_in_failed",
                     {{"remote", remote}, {"name_known", technician->has_value()}, {"too_old", void_by_age}});
        return fail(errc::unauthenticated, "log-in");
    }

    auto cookie = make_secret(32);
    store::WebSession const session{.secret_sha256 = sha256_hex(cookie),
                                    .technician_id = (*technician)->id,
                                    .csrf_token = make_secret(32),
                                    .created_ms = now,
                                    .used_ms = now,
                                    .expires_ms = now + limits::session_life.count()};
    auto const saved = state.store.write([&](sqlite::Database& db) -> Result<> {
        // A password changed since it was verified lets nobody in any more.
        auto const still = store::find_technician(db, session.technician_id);
        if (!still) return still.error();
        if (!*still || (*still)->password_hash != hash) return fail(errc::unauthenticated, "changed meanwhile");
        if (auto const swept = store::delete_expired_sessions(db, now); !swept) return swept.error();
        return store::save_session(db, session);
    });
    state.failures.forgive(name_key);
    state.failures.take_back(peer);
    if (!saved) return fail(saved.error(), "log-in");
    log::info("access.logged_in", {{"technician", (*technician)->id}, {"remote", remote}});
    return LoggedIn{.identity = {.technician = **technician, .session = session, .scope = scope_of(**technician)},
                    .cookie = std::move(cookie)};
}

std::optional<Identity> Access::identify(std::string_view cookie)
{
    auto& state = *state_;
    if (cookie.empty() || cookie.size() > limits::cookie_bytes) return std::nullopt;
    auto const hash = sha256_hex(cookie);
    std::optional<store::Technician> technician;
    std::optional<store::WebSession> session;
    auto const read = state.store.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::find_session(db, hash);
        if (!found) return found.error();
        if (!*found) return {};
        auto owner = store::find_technician(db, (*found)->technician_id);
        if (!owner) return owner.error();
        session = *std::move(found);
        technician = *std::move(owner);
        return {};
    });
    if (!read) {
        log::error("access.failed", {{"error", read.error()}});
        return std::nullopt;
    }
    if (!session || !technician || state.expired(*session)) return std::nullopt;
    auto const now = state.clock.now_ms();
    if (now - session->used_ms >= limits::session_touch.count()) {
        session->used_ms = now;
        // Only what is still there is touched: a log-out in between must not be undone.
        auto const touched = state.store.write([&](sqlite::Database& db) -> Result<> {
            auto const still = store::find_session(db, hash);
            if (!still) return still.error();
            return *still ? store::save_session(db, *session) : Result<>();
        });
        if (!touched) log::warning("access.not_touched", {{"error", touched.error()}});
    }
    auto scope = scope_of(*technician);
    return Identity{.technician = *std::move(technician), .session = *std::move(session), .scope = std::move(scope)};
}

bool Access::is_alive(store::WebSession const& session)
{
    auto const found = ask<std::optional<store::WebSession>>(
        state_->store, [&](sqlite::Database& db) { return store::find_session(db, session.secret_sha256); });
    // A disk that fails for a moment is no reason to send people away; expiry is known without it.
    if (!found) return !state_->expired(session);
    return found->has_value() && !state_->expired(**found);
}

Result<> Access::log_out(Identity const& identity)
{
    auto const done = state_->store.write(
        [&](sqlite::Database& db) { return store::delete_session(db, identity.session.secret_sha256); });
    if (!done) return fail(done.error(), "log-out");
    log::info("access.logged_out", {{"technician", identity.technician.id}});
    state_->tell_sessions_ended();
    return {};
}

Result<> Access::change_password(Identity const& identity, std::string_view current, std::string_view fresh,
                                 std::int64_t& retry_after_s)
{
    auto& state = *state_;
    auto const key = "change:" + identity.technician.id;
    if (auto const wait = state.slow_down({key}); wait.count() > 0) {
        retry_after_s = whole_seconds(wait);
        return fail(errc::busy, "change of password: slowed down");
    }
    if (!verify_password(identity.technician.password_hash, current.substr(0, limits::password_bytes))) {
        log::warning("access.change_failed", {{"technician", identity.technician.id}});
        return fail(errc::unauthenticated, "change of password");
    }
    state.failures.forgive(key);
    if (auto fault = password_fault(fresh, identity.technician.name, current))
        return fail(errc::bad_input, *std::move(fault));

    auto changed = identity.technician;
    changed.password_hash = hash_password(fresh);
    changed.must_change_password = false;
    changed.password_expires_ms.reset();
    auto const saved = state.store.write([&](sqlite::Database& db) -> Result<> {
        // A reset in the meantime wins.
        auto const before = store::find_technician(db, changed.id);
        if (!before) return before.error();
        if (!*before || (*before)->password_hash != identity.technician.password_hash)
            return fail(errc::conflict, "The password was changed by somebody else meanwhile.");
        if (auto const done = store::save_technician(db, changed); !done) return done.error();
        if (auto const done = store::delete_sessions_of(db, changed.id); !done) return done.error();
        return store::save_session(db, identity.session);
    });
    if (!saved) return saved.error();
    log::info("access.password_changed", {{"technician", changed.id}});
    state.tell_sessions_ended();
    return {};
}

void Access::when_sessions_end(std::function<void()> listener)
{
    std::lock_guard const lock(state_->mutex);
    state_->listeners.push_back(std::move(listener));
}

Result<std::string> Access::State::give_first_password(std::optional<store::Technician> technician,
                                                       std::string_view name)
{
    auto const now = clock.now_ms();
    auto password = make_first_password();
    if (!technician) {
        technician.emplace();
        technician->id = make_uuid(now);
        technician->name = std::string(name);
        technician->created_ms = now;
    }
    technician->password_hash = hash_password(password);
    technician->must_change_password = true;
    technician->password_expires_ms = now + limits::first_password_life.count();
    auto const saved = store.write([&](sqlite::Database& db) -> Result<> {
        if (auto const done = store::save_technician(db, *technician); !done) return done.error();
        return store::delete_sessions_of(db, technician->id);
    });
    if (!saved) return saved.error();
    log::info("access.first_password", {{"technician", technician->id}});
    tell_sessions_ended();
    return password;
}

Result<std::optional<std::string>> Access::first_password()
{
    auto const count =
        ask<std::int64_t>(state_->store, [](sqlite::Database& db) { return store::count_technicians(db); });
    if (!count) return fail(count.error(), "first password");
    auto admin = state_->find(first_name);
    if (!admin) return fail(admin.error(), "first password");
    auto const wanted = *count == 0 || (*admin && (*admin)->must_change_password);
    if (!wanted) return std::optional<std::string>();
    auto password = state_->give_first_password(*std::move(admin), first_name);
    if (!password) return fail(password.error(), "first password");
    return std::optional<std::string>(*std::move(password));
}

Result<std::string> Access::reset_password(std::string_view name)
{
    auto technician = state_->find(name);
    if (!technician) return fail(technician.error(), "reset-password");
    if (!*technician) return fail(errc::not_found, "There is no technician of that name; the first one is 'admin'.");
    return state_->give_first_password(*std::move(technician), name);
}

} // namespace rollcall::access
