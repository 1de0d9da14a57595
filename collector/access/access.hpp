#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/store/records.hpp"
#include "collector/store/store.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// Who may come in: passwords, sessions, slowing down.
namespace rollcall::access
{

/// The name of the technician that the first start makes.
inline constexpr std::string_view first_name = "admin";

/// argon2id with 19 MiB, t=2, p=1 (OWASP's minimum; facts.md: 72 ms) as a PHC string. Blocks: about 0.1 s.
[[nodiscard]] std::string hash_password(std::string_view password);
/// Constant time in the hash. Blocks: about 0.1 s.
[[nodiscard]] bool verify_password(std::string_view phc, std::string_view password);

/// A technician who has come in, as the API's handlers see him.
struct Identity {
    store::Technician technician;
    store::WebSession session;
    store::Scope scope; ///< What he may see.
};

/// What a technician may see: everything, since nobody is limited to some customers yet.
[[nodiscard]] store::Scope scope_of(store::Technician const& technician);

/// What a successful log-in gives: the cookie's value is shown once and only its hash is kept.
struct LoggedIn {
    Identity identity;
    std::string cookie;
};

/// Log-in, sessions and passwords over the store.
///
/// Owns: the counters of failures (in memory).  Threads: any.  Blocks: yes (argon2, SQLite): pool threads only.
class Access
{
public:
    Access(store::Store& store, Clock const& clock);
    ~Access();

    /// errc::unauthenticated: wrong name or password, not told which (same time for both). errc::busy: slowed down;
    /// retry_after_s says how long.
    [[nodiscard]] Result<LoggedIn> log_in(std::string_view name, std::string_view password, std::string_view remote,
                                          std::int64_t& retry_after_s);
    /// nullopt: nobody, or no longer.
    [[nodiscard]] std::optional<Identity> identify(std::string_view cookie);
    [[nodiscard]] Result<> log_out(Identity const& identity);
    /// errc::unauthenticated: `current` is wrong; errc::bad_input: why `fresh` will not do; errc::busy as for log_in.
    /// Ends the technician's other sessions.
    [[nodiscard]] Result<> change_password(Identity const& identity, std::string_view current, std::string_view fresh,
                                           std::int64_t& retry_after_s);
    /// Is this session still there and not expired? Does not count as use.
    [[nodiscard]] bool is_alive(store::WebSession const& session);
    /// Called after sessions ended by log-out, a changed password or a new log-in; from any thread, must not block.
    void when_sessions_end(std::function<void()> listener);

    /// At every start until the first log-in has changed it: makes the technician "admin" where nobody is there and
    /// gives a new first password, valid 24 h. nullopt: somebody has set his own.
    [[nodiscard]] Result<std::optional<std::string>> first_password();
    /// For the command line: a new first password for `name`; ends the sessions.
    [[nodiscard]] Result<std::string> reset_password(std::string_view name);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::access
