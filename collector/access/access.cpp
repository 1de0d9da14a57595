#include "collector/access/access.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collector/access/limits.hpp"
#include "collector/access/password.hpp"
#include "collector/access/slow_down.hpp"
#include "collector/access/totp.hpp"
#include "collector/store/audit.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::access
{

struct Access::State {
    store::Store& store;
    Clock const& clock;
    Keys keys;
    std::string dummy_hash; ///< Verified where the name is unknown, so that both cases take the same time.
    SlowDown failures;
    std::mutex mutex;
    std::vector<std::function<void()>> listeners;
    Staff staff;

    void tell_sessions_ended();
    [[nodiscard]] std::chrono::milliseconds slow_down(std::vector<std::string> const& keys_of_try);
    /// To the technician of this id; nullopt: to a new one of this name. `change`: what else is done to him.
    [[nodiscard]] Result<std::string> give_first_password(std::optional<std::string> const& id, std::string_view name,
                                                          std::function<void(store::Technician&)> const& change);
    [[nodiscard]] Result<std::optional<store::Technician>> find(std::string_view name);
    [[nodiscard]] bool expired(store::WebSession const& session) const;
    [[nodiscard]] Result<std::optional<Identity>> load_session(std::string const& secret_sha256);
    [[nodiscard]] Result<std::optional<Identity>> load_token(std::string const& secret_sha256);
    [[nodiscard]] Result<> take_code(sqlite::Database& db, store::Technician& technician, std::string_view code) const;
    [[nodiscard]] Result<> with_code(Identity const& identity, std::int64_t& retry_after_s,
                                     std::function<Result<>(sqlite::Database&, store::Technician&)> const& work);
    [[nodiscard]] static Result<std::vector<std::string>> give_recovery_codes(sqlite::Database& db,
                                                                              std::string_view technician_id);
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

std::chrono::milliseconds Access::State::slow_down(std::vector<std::string> const& keys_of_try)
{
    for (std::size_t at = 0; at < keys_of_try.size(); ++at) {
        auto const wait = failures.attempt(keys_of_try[at], clock.steady());
        if (wait.count() == 0) continue;
        for (std::size_t earlier = 0; earlier < at; ++earlier)
            failures.take_back(keys_of_try[earlier]);
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

static bool is_over(store::WebSession const& session, UnixMs now_ms)
{
    return now_ms >= session.expires_ms || now_ms - session.used_ms >= limits::session_idle.count();
}

bool Access::State::expired(store::WebSession const& session) const { return is_over(session, clock.now_ms()); }

/// The technician's, but for that of `identity`.
static Result<> end_other_sessions(sqlite::Database& db, Identity const& identity)
{
    auto const all = store::sessions_of(db, identity.technician.id);
    if (!all) return all.error();
    for (auto const& session : *all) {
        if (session.secret_sha256 == identity.session.secret_sha256) continue;
        if (auto ended = store::delete_session(db, session.secret_sha256); !ended) return ended;
    }
    return {};
}

/// With role, scope and permissions of the technician; nullopt: there is none, or he may not come in.
static Result<std::optional<Identity>> identity_of(sqlite::Database& db, std::string_view technician_id)
{
    auto technician = store::find_technician(db, technician_id);
    if (!technician) return technician.error();
    if (!*technician || (*technician)->disabled_ms) return std::optional<Identity>();
    auto role = find_role(db, (*technician)->role_id);
    if (!role) return role.error();
    Identity identity;
    identity.technician = **std::move(technician);
    // A role that is lost allows nothing.
    if (*role) identity.role = **std::move(role);
    auto scope = store::unfolded(db, identity.technician.scope);
    if (!scope) return scope.error();
    identity.scope = *std::move(scope);
    identity.permissions = identity.role.permissions;
    return std::optional(std::move(identity));
}

static Result<std::optional<Identity>> identity_of_session(sqlite::Database& db, std::string_view secret_sha256,
                                                           UnixMs now_ms)
{
    auto const session = store::find_session(db, secret_sha256);
    if (!session) return session.error();
    if (!*session || is_over(**session, now_ms)) return std::optional<Identity>();
    auto identity = identity_of(db, (*session)->technician_id);
    if (identity && *identity) (*identity)->session = **session;
    return identity;
}

static Result<std::optional<Identity>> identity_of_token(sqlite::Database& db, std::string_view secret_sha256,
                                                         UnixMs now_ms)
{
    auto const token = store::find_api_token_by_secret(db, secret_sha256);
    if (!token) return token.error();
    if (!*token || now_ms >= (*token)->expires_ms) return std::optional<Identity>();
    auto identity = identity_of(db, (*token)->technician_id);
    if (!identity || !*identity) return identity;
    (*identity)->token = **token;
    auto const limit = store::unfolded(db, (*token)->scope);
    if (!limit) return limit.error();
    (*identity)->scope = store::Scope::both((*identity)->scope, *limit);
    (*identity)->permissions = (*identity)->permissions.both(Permissions::from_text((*token)->permissions));
    return identity;
}

Result<std::optional<Identity>> reload(sqlite::Database& db, Identity const& identity, UnixMs now_ms)
{
    return identity.token ? identity_of_token(db, identity.token->secret_sha256, now_ms)
                          : identity_of_session(db, identity.session.secret_sha256, now_ms);
}

std::optional<Refusal> beyond_limits(store::Scope const& scope, store::Scope const& wanted)
{
    std::size_t folders = 0;
    for (auto const& [customer_id, ids] : wanted.folders)
        folders += ids.size();
    if (wanted.customers.size() > limits::customers)
        return Refusal{errc::limit_exceeded, "customers",
                       fmt::format("More than {} customers are named.", limits::customers),
                       "Name fewer, or allow all."};
    if (folders > limits::folders)
        return Refusal{errc::limit_exceeded, "folders", fmt::format("More than {} folders are named.", limits::folders),
                       "Name folders further up, or customers."};
    if (!scope.covers({.all = wanted.all, .customers = wanted.customers}))
        return Refusal{errc::refused, "customers", "These are more customers than you see.",
                       "Leave out those that you do not see, or see in part."};
    if (!scope.covers(wanted))
        return Refusal{errc::refused, "folders", "These are more folders than you see.",
                       "Leave out those that you do not see."};
    return std::nullopt;
}

Result<std::optional<Refusal>> unknown_limit(sqlite::Database& db, store::Scope const& wanted)
{
    for (auto const& id : wanted.customers) {
        auto const customer = store::find_customer(db, id);
        if (!customer) return customer.error();
        if (!*customer)
            return std::optional(Refusal{errc::bad_input, "customers",
                                         "There is no such customer: " + clean_text(id, 64) + ".",
                                         "Give ids of /api/v1/customers."});
    }
    for (auto const& [customer_id, ids] : wanted.folders)
        for (auto const& id : ids) {
            auto const folder = store::find_folder(db, id);
            if (!folder) return folder.error();
            if (!*folder || (*folder)->customer_id != customer_id)
                return std::optional(Refusal{errc::bad_input, "folders",
                                             "There is no such folder: " + clean_text(id, 64) + ".",
                                             "Give ids of /api/v1/folders."});
        }
    auto const below = store::unfolded(db, wanted);
    if (!below) return below.error();
    std::size_t folders = 0;
    for (auto const& [customer_id, ids] : below->folders)
        folders += ids.size();
    if (folders > limits::folders_below)
        return std::optional(
            Refusal{errc::limit_exceeded, "folders",
                    fmt::format("{} folders lie in these, and {} may.", folders, limits::folders_below),
                    "Name customers instead, or fewer folders."});
    return std::optional<Refusal>();
}

Result<std::optional<Identity>> Access::State::load_session(std::string const& secret_sha256)
{
    return ask<std::optional<Identity>>(
        store, [&](sqlite::Database& db) { return identity_of_session(db, secret_sha256, clock.now_ms()); });
}

Result<std::optional<Identity>> Access::State::load_token(std::string const& secret_sha256)
{
    return ask<std::optional<Identity>>(
        store, [&](sqlite::Database& db) { return identity_of_token(db, secret_sha256, clock.now_ms()); });
}

Access::Access(store::Store& store, Clock const& clock, Keys const& keys)
    : state_(new State{.store = store,
                       .clock = clock,
                       .keys = keys,
                       .dummy_hash = hash_password(make_secret(16)),
                       .failures = {},
                       .mutex = {},
                       .listeners = {},
                       .staff = Staff(store, clock, [this] { state_->tell_sessions_ended(); })})
{
}

Access::~Access() = default;

Staff& Access::staff() { return state_->staff; }
Keys const& Access::keys() const { return state_->keys; }

Result<LoggedIn> Access::log_in(std::string_view name, std::string_view password, std::string_view remote,
                                std::int64_t& retry_after_s, std::string_view program)
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
    auto const disabled = right && (*technician)->disabled_ms;
    if (!right || void_by_age || disabled) {
        // A wrong name may be a password typed into the wrong field: it stays out of the log.
        log::warning("access.log_in_failed", {{"remote", remote},
                                              {"name_known", technician->has_value()},
                                              {"too_old", void_by_age},
                                              {"disabled", disabled}});
        return fail(errc::unauthenticated, "log-in");
    }

    auto cookie = make_secret(32);
    store::WebSession session{.secret_sha256 = sha256_hex(cookie),
                              .id = make_uuid(now),
                              .technician_id = (*technician)->id,
                              .csrf_token = make_secret(32),
                              .created_ms = now,
                              .used_ms = now,
                              .expires_ms = now + limits::session_life.count(),
                              .remote = std::string(remote),
                              .program = clean_text(program, limits::program_bytes),
                              .awaits_code = !(*technician)->totp_secret.empty()};
    // Only now it is known who it is.
    if (auto const& entry = store::AuditScope::current()) {
        entry->actor_kind = "technician";
        entry->actor_id = session.technician_id;
        entry->actor_name = (*technician)->name;
        entry->via = session.id;
    }
    std::optional<Identity> entered;
    auto const saved = state.store.write([&](sqlite::Database& db) -> Result<> {
        // A password changed since it was verified lets nobody in any more.
        auto still = identity_of(db, session.technician_id);
        if (!still) return still.error();
        if (!*still || (*still)->technician.password_hash != hash)
            return fail(errc::unauthenticated, "changed meanwhile");
        entered = *std::move(still);
        // So does a second step that was set up since: only with it he is in.
        session.awaits_code = !entered->technician.totp_secret.empty();
        if (auto const swept = store::delete_expired_sessions(db, now); !swept) return swept.error();
        return store::save_session(db, session);
    });
    state.failures.forgive(name_key);
    state.failures.take_back(peer);
    if (!saved) return fail(saved.error(), "log-in");
    log::info("access.logged_in",
              {{"technician", session.technician_id}, {"remote", remote}, {"awaits_code", session.awaits_code}});
    entered->session = session;
    return LoggedIn{.identity = *std::move(entered), .cookie = std::move(cookie)};
}

std::optional<Identity> Access::identify(std::string_view cookie)
{
    auto& state = *state_;
    if (cookie.empty() || cookie.size() > limits::cookie_bytes) return std::nullopt;
    auto const hash = sha256_hex(cookie);
    auto found = state.load_session(hash);
    if (!found) {
        log::error("access.failed", {{"error", found.error()}});
        return std::nullopt;
    }
    if (!*found) return std::nullopt;
    auto& session = (*found)->session;
    auto const now = state.clock.now_ms();
    if (now - session.used_ms >= limits::session_touch.count()) {
        session.used_ms = now;
        // Only what is still there is touched: a log-out in between must not be undone.
        auto const touched = state.store.write([&](sqlite::Database& db) -> Result<> {
            auto still = store::find_session(db, hash);
            if (!still) return still.error();
            if (!*still) return {};
            (*still)->used_ms = now;
            return store::save_session(db, **still);
        });
        if (!touched) log::warning("access.not_touched", {{"error", touched.error()}});
    }
    return *std::move(found);
}

std::optional<Identity> Access::identify_program(std::string_view secret)
{
    auto& state = *state_;
    if (!secret.starts_with(token_prefix) || secret.size() > limits::cookie_bytes) return std::nullopt;
    auto found = state.load_token(sha256_hex(secret));
    if (!found) {
        log::error("access.failed", {{"error", found.error()}});
        return std::nullopt;
    }
    if (!*found) return std::nullopt;
    auto& token = *(*found)->token;
    auto const now = state.clock.now_ms();
    if (!token.used_ms || now - *token.used_ms >= limits::session_touch.count()) {
        token.used_ms = now;
        auto const touched =
            state.store.write([&](sqlite::Database& db) { return store::touch_api_token(db, token.id, now); });
        if (!touched) log::warning("access.not_touched", {{"error", touched.error()}});
    }
    return *std::move(found);
}

Access::Standing Access::standing(Identity const& identity)
{
    auto& state = *state_;
    auto const now = identity.token ? state.load_token(identity.token->secret_sha256)
                                    : state.load_session(identity.session.secret_sha256);
    // A disk that fails for a moment is no reason to send people away; expiry is known without it.
    if (!now) {
        auto const over =
            identity.token ? state.clock.now_ms() >= identity.token->expires_ms : state.expired(identity.session);
        return over ? Standing::ended : Standing::same;
    }
    if (!*now) return Standing::ended;
    return (*now)->has_rights_of(identity) ? Standing::same : Standing::changed;
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

    auto const hash = hash_password(fresh);
    auto const saved = state.store.write([&](sqlite::Database& db) -> Result<> {
        // A reset in the meantime wins; other changes stay.
        auto before = store::find_technician(db, identity.technician.id);
        if (!before) return before.error();
        if (!*before || (*before)->password_hash != identity.technician.password_hash)
            return fail(errc::conflict, "The password was changed by somebody else meanwhile.");
        auto& changed = **before;
        changed.password_hash = hash;
        changed.must_change_password = false;
        changed.password_expires_ms.reset();
        if (auto const done = store::save_technician(db, changed); !done) return done.error();
        return end_other_sessions(db, identity);
    });
    if (!saved) return saved.error();
    log::info("access.password_changed", {{"technician", identity.technician.id}});
    state.tell_sessions_ended();
    return {};
}

void Access::when_sessions_end(std::function<void()> listener)
{
    std::lock_guard const lock(state_->mutex);
    state_->listeners.push_back(std::move(listener));
}

// --- the second step -------------------------------------------------------------------------------------------------

static std::string totp_about(std::string_view technician_id) { return std::string("totp ").append(technician_id); }

/// Of the second step that counts: a code of now, or a recovery code. What was used is used up.
Result<> Access::State::take_code(sqlite::Database& db, store::Technician& technician, std::string_view code) const
{
    auto const secret = keys.unseal(technician.totp_secret, totp_about(technician.id));
    if (!secret) {
        // A key file that was lost leaves the recovery codes.
        log::error("access.second_step_lost", {{"technician", technician.id}, {"error", secret.error()}});
    } else if (auto const step = match_totp(*secret, code, clock.now_ms(), technician.totp_step)) {
        technician.totp_step = *step;
        return store::save_technician(db, technician);
    }
    auto const used = store::use_recovery_code(db, technician.id, sha256_hex(plain_recovery_code(code)));
    if (!used) return used.error();
    if (!*used) return fail(errc::unauthenticated, "second step");
    log::warning("access.recovery_code_used", {{"technician", technician.id}});
    return {};
}

/// Does `work`, which looks at a code, on the technician as he is now; guessing is slowed down.
Result<> Access::State::with_code(Identity const& identity, std::int64_t& retry_after_s,
                                  std::function<Result<>(sqlite::Database&, store::Technician&)> const& work)
{
    auto const key = "code:" + identity.technician.id;
    if (auto const wait = slow_down({key}); wait.count() > 0) {
        retry_after_s = whole_seconds(wait);
        return fail(errc::busy, "second step: slowed down");
    }
    auto done = store.write([&](sqlite::Database& db) -> Result<> {
        auto technician = store::find_technician(db, identity.technician.id);
        if (!technician) return technician.error();
        if (!*technician) return fail(errc::unauthenticated, "second step");
        return work(db, **technician);
    });
    if (done)
        failures.forgive(key);
    else if (done.error().code == errc::unauthenticated)
        log::warning("access.code_failed", {{"technician", identity.technician.id}});
    else
        // Nothing is known of the code: it was no failure, and those before still count.
        failures.take_back(key);
    return done;
}

Result<std::vector<std::string>> Access::State::give_recovery_codes(sqlite::Database& db,
                                                                    std::string_view technician_id)
{
    auto codes = make_recovery_codes();
    std::vector<std::string> hashes;
    hashes.reserve(codes.size());
    for (auto const& code : codes)
        hashes.push_back(sha256_hex(plain_recovery_code(code)));
    if (auto const kept = store::set_recovery_codes(db, technician_id, hashes); !kept) return kept.error();
    return codes;
}

Result<LoggedIn> Access::enter_code(Identity const& identity, std::string_view code, std::int64_t& retry_after_s)
{
    auto& state = *state_;
    auto cookie = make_secret(32);
    auto session = identity.session;
    session.secret_sha256 = sha256_hex(cookie);
    session.csrf_token = make_secret(32);
    session.used_ms = state.clock.now_ms();
    session.awaits_code = false;
    auto const done =
        state.with_code(identity, retry_after_s, [&](sqlite::Database& db, store::Technician& technician) -> Result<> {
            auto const still = store::find_session(db, identity.session.secret_sha256);
            if (!still) return still.error();
            if (!*still || !(*still)->awaits_code) return fail(errc::conflict, "This session awaits no code.");
            if (auto const right = state.take_code(db, technician, code); !right) return right.error();
            if (auto const ended = store::delete_session(db, identity.session.secret_sha256); !ended)
                return ended.error();
            return store::save_session(db, session);
        });
    if (!done) return fail(done.error(), "second step");
    log::info("access.second_step", {{"technician", identity.technician.id}});
    auto entered = identity;
    entered.session = session;
    return LoggedIn{.identity = std::move(entered), .cookie = std::move(cookie)};
}

Result<TotpOffer> Access::offer_totp(Identity const& identity, std::string_view code, std::int64_t& retry_after_s)
{
    auto& state = *state_;
    std::string secret(totp_secret_bytes, '\0');
    random_bytes({reinterpret_cast<unsigned char*>(secret.data()), secret.size()});
    auto const done =
        state.with_code(identity, retry_after_s, [&](sqlite::Database& db, store::Technician& technician) -> Result<> {
            if (!technician.totp_secret.empty())
                if (auto const right = state.take_code(db, technician, code); !right) return right.error();
            technician.totp_pending = state.keys.seal(secret, totp_about(technician.id));
            return store::save_technician(db, technician);
        });
    if (!done) return fail(done.error(), "second step");
    return TotpOffer{.secret = base32_encode(secret), .uri = totp_uri(secret, identity.technician.name)};
}

Result<std::vector<std::string>> Access::confirm_totp(Identity const& identity, std::string_view code,
                                                      std::int64_t& retry_after_s)
{
    auto& state = *state_;
    std::vector<std::string> codes;
    auto const done =
        state.with_code(identity, retry_after_s, [&](sqlite::Database& db, store::Technician& technician) -> Result<> {
            if (technician.totp_pending.empty()) return fail(errc::conflict, "No second step is being set up.");
            auto const secret = state.keys.unseal(technician.totp_pending, totp_about(technician.id));
            if (!secret) return secret.error();
            auto const step = match_totp(*secret, code, state.clock.now_ms(), 0);
            if (!step) return fail(errc::unauthenticated, "second step");
            technician.totp_secret = std::exchange(technician.totp_pending, {});
            technician.totp_step = *step;
            if (auto const saved = store::save_technician(db, technician); !saved) return saved.error();
            auto given = State::give_recovery_codes(db, technician.id);
            if (!given) return given.error();
            codes = *std::move(given);
            return end_other_sessions(db, identity);
        });
    if (!done) return done.error();
    log::info("access.second_step_set_up", {{"technician", identity.technician.id}});
    state.tell_sessions_ended();
    return codes;
}

Result<std::vector<std::string>> Access::renew_recovery_codes(Identity const& identity, std::string_view code,
                                                              std::int64_t& retry_after_s)
{
    auto& state = *state_;
    std::vector<std::string> codes;
    auto const done =
        state.with_code(identity, retry_after_s, [&](sqlite::Database& db, store::Technician& technician) -> Result<> {
            if (technician.totp_secret.empty()) return fail(errc::conflict, "You have no second step.");
            if (auto const right = state.take_code(db, technician, code); !right) return right.error();
            auto given = State::give_recovery_codes(db, technician.id);
            if (!given) return given.error();
            codes = *std::move(given);
            return {};
        });
    if (!done) return done.error();
    return codes;
}

Result<> Access::remove_totp(Identity const& identity, std::string_view code, std::int64_t& retry_after_s)
{
    auto& state = *state_;
    auto const done =
        state.with_code(identity, retry_after_s, [&](sqlite::Database& db, store::Technician& technician) -> Result<> {
            auto const role = find_role(db, technician.role_id);
            if (!role) return role.error();
            if (*role && (*role)->totp_required) return fail(errc::refused, "Your role needs a second step.");
            if (technician.totp_secret.empty()) return fail(errc::conflict, "You have no second step.");
            if (auto const right = state.take_code(db, technician, code); !right) return right.error();
            technician.totp_secret.clear();
            if (auto const saved = store::save_technician(db, technician); !saved) return saved.error();
            return store::set_recovery_codes(db, technician.id, {});
        });
    if (!done) return done.error();
    log::info("access.second_step_removed", {{"technician", identity.technician.id}});
    return {};
}

Result<std::int64_t> Access::recovery_codes_left(Identity const& identity)
{
    return ask<std::int64_t>(
        state_->store, [&](sqlite::Database& db) { return store::count_recovery_codes(db, identity.technician.id); });
}

// --- one's own sessions and tokens -----------------------------------------------------------------------------------

Result<std::vector<store::WebSession>> Access::sessions(Identity const& identity)
{
    auto found = ask<std::vector<store::WebSession>>(
        state_->store, [&](sqlite::Database& db) { return store::sessions_of(db, identity.technician.id); });
    if (!found) return fail(found.error(), "sessions");
    std::erase_if(*found, [&](store::WebSession const& one) { return state_->expired(one); });
    return found;
}

Result<> Access::end_session(Identity const& identity, std::string_view id)
{
    auto const done = state_->store.write([&](sqlite::Database& db) -> Result<> {
        auto const all = store::sessions_of(db, identity.technician.id);
        if (!all) return all.error();
        auto const found = std::ranges::find(*all, id, &store::WebSession::id);
        if (found == all->end()) return fail(errc::not_found, "There is no such session.");
        return store::delete_session(db, found->secret_sha256);
    });
    if (!done) return done.error();
    state_->tell_sessions_ended();
    return {};
}

Result<std::vector<store::ApiToken>> Access::tokens(Identity const& identity)
{
    return ask<std::vector<store::ApiToken>>(
        state_->store, [&](sqlite::Database& db) { return store::api_tokens_of(db, identity.technician.id); });
}

static std::optional<Refusal> wrong_token(Identity const& identity, ApiTokenWish const& wish)
{
    auto const characters = count_characters(wish.name);
    if (characters == 0 || characters > limits::name_characters || !is_utf8(wish.name) ||
        wish.name != clean_text(wish.name) || wish.name.find_first_of("\n\t") != std::string::npos)
        return Refusal{errc::bad_input, "name", "This cannot be a name.",
                       fmt::format("Give 1 to {} characters without line breaks.", limits::name_characters)};
    if (wish.expires_in_s < limits::token_min_s || wish.expires_in_s > limits::token_max_s)
        return Refusal{errc::bad_input, "expires_in_s", "'expires_in_s' is out of range.",
                       fmt::format("Give seconds from {} to {}.", limits::token_min_s, limits::token_max_s)};
    if (wish.permissions == Permissions())
        return Refusal{errc::bad_input, "permissions", "A token without permissions is good for nothing.",
                       "Give at least one."};
    if (!identity.permissions.covers(wish.permissions))
        return Refusal{errc::refused, "permissions", "These are permissions that you do not have.", "Leave them out."};
    // All means all that the technician sees, whenever it is used.
    return wish.scope.all ? std::nullopt : beyond_limits(identity.scope, wish.scope);
}

Outcome<MadeApiToken> Access::add_token(Identity const& identity, ApiTokenWish const& wish)
{
    if (auto wrong = wrong_token(identity, wish)) return *std::move(wrong);
    auto const now = state_->clock.now_ms();
    auto secret = std::string(token_prefix) + make_secret(32);
    store::ApiToken token{.id = make_uuid(now),
                          .technician_id = identity.technician.id,
                          .name = wish.name,
                          .secret_sha256 = sha256_hex(secret),
                          .permissions = wish.permissions.text(),
                          .scope = wish.scope,
                          .created_ms = now,
                          .expires_ms = now + wish.expires_in_s * 1000,
                          .used_ms = {}};
    bool full = false;
    std::optional<Refusal> refusal;
    auto const done = state_->store.write([&](sqlite::Database& db) -> Result<> {
        auto const all = store::api_tokens_of(db, identity.technician.id);
        if (!all) return all.error();
        full = all->size() >= limits::tokens;
        if (full) return fail(errc::limit_exceeded, "tokens");
        auto unknown = unknown_limit(db, wish.scope);
        if (!unknown) return unknown.error();
        refusal = *std::move(unknown);
        if (refusal) return fail(refusal->code, refusal->detail);
        return store::add_api_token(db, token);
    });
    if (refusal) return *std::move(refusal);
    if (full)
        return Refusal{errc::limit_exceeded, "", fmt::format("You have {} tokens already.", limits::tokens),
                       "Remove one that is not used."};
    if (!done)
        return Refusal{errc::io, "", "The collector could not store this: " + done.error().trace + ".",
                       "Try again in a moment."};
    log::info("access.token_added", {{"technician", identity.technician.id}, {"token", token.id}});
    return MadeApiToken{.token = std::move(token), .secret = std::move(secret)};
}

Result<> Access::remove_token(Identity const& identity, std::string_view id)
{
    auto const done = state_->store.write([&](sqlite::Database& db) -> Result<> {
        auto const token = store::find_api_token(db, id);
        if (!token) return token.error();
        if (!*token || (*token)->technician_id != identity.technician.id)
            return fail(errc::not_found, "There is no such token.");
        return store::delete_api_token(db, id);
    });
    if (!done) return done.error();
    log::info("access.token_removed", {{"technician", identity.technician.id}, {"token", id}});
    state_->tell_sessions_ended();
    return {};
}

// --- first passwords -------------------------------------------------------------------------------------------------

Result<std::string> Access::State::give_first_password(std::optional<std::string> const& id, std::string_view name,
                                                       std::function<void(store::Technician&)> const& change)
{
    auto const now = clock.now_ms();
    auto password = make_first_password();
    auto const hash = hash_password(password);
    store::Technician technician;
    auto const saved = store.write([&](sqlite::Database& db) -> Result<> {
        technician = {};
        technician.id = make_uuid(now);
        technician.name = std::string(name);
        technician.created_ms = now;
        if (id) {
            // As he is now: what was changed while the password was hashed stays.
            auto found = store::find_technician(db, *id);
            if (!found) return found.error();
            if (!*found) return fail(errc::not_found, "There is no such technician any more.");
            technician = **std::move(found);
        }
        change(technician);
        technician.password_hash = hash;
        technician.must_change_password = true;
        technician.password_expires_ms = now + limits::first_password_life.count();
        if (auto const done = store::save_technician(db, technician); !done) return done.error();
        if (technician.totp_secret.empty())
            if (auto const cleared = store::set_recovery_codes(db, technician.id, {}); !cleared) return cleared.error();
        return store::delete_sessions_of(db, technician.id);
    });
    if (!saved) return saved.error();
    log::info("access.first_password", {{"technician", technician.id}});
    tell_sessions_ended();
    return password;
}

Result<std::optional<std::string>> Access::first_password()
{
    auto const count =
        ask<std::int64_t>(state_->store, [](sqlite::Database& db) { return store::count_technicians(db); });
    if (!count) return fail(count.error(), "first password");
    auto const admin = state_->find(first_name);
    if (!admin) return fail(admin.error(), "first password");
    auto const waits = *admin && (*admin)->must_change_password && !(*admin)->disabled_ms;
    // A password that an owner reset is his to hand over: only the very first one is the terminal's.
    if (*count != 0 && !(waits && *count == 1)) return std::optional<std::string>();
    auto const id = *admin ? std::optional((*admin)->id) : std::nullopt;
    auto password = state_->give_first_password(id, first_name, [](store::Technician const&) {});
    if (!password) return fail(password.error(), "first password");
    return std::optional<std::string>(*std::move(password));
}

Result<std::string> Access::reset_password(std::string_view name, bool without_totp)
{
    auto const technician = state_->find(name);
    if (!technician) return fail(technician.error(), "reset-password");
    if (!*technician) return fail(errc::not_found, "There is no technician of that name; the first one is 'admin'.");
    return state_->give_first_password((*technician)->id, name, [without_totp](store::Technician& changed) {
        changed.disabled_ms.reset();
        if (!without_totp) return;
        changed.totp_secret.clear();
        changed.totp_pending.clear();
    });
}

} // namespace rollcall::access
