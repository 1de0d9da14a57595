#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/identity.hpp"
#include "collector/access/keys.hpp"
#include "collector/access/staff.hpp"
#include "collector/store/records.hpp"
#include "collector/store/store.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// Who may come in, and what he may do then: passwords, second steps, sessions, tokens, roles, slowing down.
namespace rollcall::access
{

/// The name of the technician that the first start makes.
inline constexpr std::string_view first_name = "admin";

/// How tokens of programs begin, so that people and scanners know one when they see it.
inline constexpr std::string_view token_prefix = "rc_";

/// argon2id with 19 MiB, t=2, p=1 (OWASP's minimum; facts.md: 72 ms) as a PHC string. Blocks: about 0.1 s.
[[nodiscard]] std::string hash_password(std::string_view password);
/// Constant time in the hash. Blocks: about 0.1 s.
[[nodiscard]] bool verify_password(std::string_view phc, std::string_view password);

/// What a successful log-in gives: the cookie's value is shown once and only its hash is kept.
struct LoggedIn {
    Identity identity;
    std::string cookie;
};

/// What a program on a phone needs to make codes; shown once.
struct TotpOffer {
    std::string secret; ///< As people type it.
    std::string uri;    ///< As a QR code holds it.
};

/// A token for programs, of which only the hash is kept.
struct MadeApiToken {
    store::ApiToken token;
    std::string secret; ///< Shown once.
};

struct ApiTokenWish {
    std::string name;
    Permissions permissions; ///< Within the technician's.
    store::Scope scope;      ///< Likewise.
    std::int64_t expires_in_s{};
};

/// Log-in, sessions, passwords, second steps and tokens over the store. Whether who writes may still do so is asked by
/// the AuditScope in which he does it.
///
/// Owns: the counters of failures (in memory).  Threads: any.  Blocks: yes (argon2, SQLite): pool threads only.
class Access
{
public:
    Access(store::Store& store, Clock const& clock, Keys const& keys);
    ~Access();

    /// errc::unauthenticated: wrong name or password, not told which (same time for both). errc::busy: slowed down;
    /// retry_after_s says how long. Where the technician has a second step, the session opens nothing but enter_code.
    [[nodiscard]] Result<LoggedIn> log_in(std::string_view name, std::string_view password, std::string_view remote,
                                          std::int64_t& retry_after_s, std::string_view program = {});
    /// The second step: a code, or a recovery code, which is used up. The session goes on under another cookie.
    /// errc::unauthenticated: it is wrong or was used; errc::busy as for log_in.
    [[nodiscard]] Result<LoggedIn> enter_code(Identity const& identity, std::string_view code,
                                              std::int64_t& retry_after_s);
    /// nullopt: nobody, or no longer.
    [[nodiscard]] std::optional<Identity> identify(std::string_view cookie);
    /// The same, of a program: `secret` is what stands behind "Bearer".
    [[nodiscard]] std::optional<Identity> identify_program(std::string_view secret);
    [[nodiscard]] Result<> log_out(Identity const& identity);
    /// errc::unauthenticated: `current` is wrong; errc::bad_input: why `fresh` will not do; errc::busy as for log_in.
    /// Ends the technician's other sessions.
    [[nodiscard]] Result<> change_password(Identity const& identity, std::string_view current, std::string_view fresh,
                                           std::int64_t& retry_after_s);

    /// Whether it is still there, not expired, and with the same rights. Does not count as use.
    enum class Standing { same, changed, ended };
    [[nodiscard]] Standing standing(Identity const& identity);
    /// Called after sessions, tokens or rights ended or changed; from any thread, must not block.
    void when_sessions_end(std::function<void()> listener);

    // --- one's own ---
    [[nodiscard]] Result<std::vector<store::WebSession>> sessions(Identity const& identity); ///< Newest first.
    [[nodiscard]] Result<> end_session(Identity const& identity, std::string_view id);       ///< errc::not_found.
    /// A secret that counts once confirm_totp has seen a code of it. Who has a second step gives a code of that.
    [[nodiscard]] Result<TotpOffer> offer_totp(Identity const& identity, std::string_view code,
                                               std::int64_t& retry_after_s);
    /// Recovery codes, shown once. Ends the technician's other sessions. errc::conflict: nothing was offered.
    [[nodiscard]] Result<std::vector<std::string>> confirm_totp(Identity const& identity, std::string_view code,
                                                                std::int64_t& retry_after_s);
    /// Others than before, which are void.
    [[nodiscard]] Result<std::vector<std::string>> renew_recovery_codes(Identity const& identity, std::string_view code,
                                                                        std::int64_t& retry_after_s);
    /// errc::refused: his role wants one.
    [[nodiscard]] Result<> remove_totp(Identity const& identity, std::string_view code, std::int64_t& retry_after_s);
    [[nodiscard]] Result<std::int64_t> recovery_codes_left(Identity const& identity);
    [[nodiscard]] Result<std::vector<store::ApiToken>> tokens(Identity const& identity);
    [[nodiscard]] Outcome<MadeApiToken> add_token(Identity const& identity, ApiTokenWish const& wish);
    [[nodiscard]] Result<> remove_token(Identity const& identity, std::string_view id); ///< errc::not_found.

    /// Technicians and roles.
    [[nodiscard]] Staff& staff();
    [[nodiscard]] Keys const& keys() const;

    /// At every start until the first log-in has changed it: makes the technician "admin" where nobody is there and
    /// gives a new first password, valid 24 h. nullopt: somebody has set his own.
    [[nodiscard]] Result<std::optional<std::string>> first_password();
    /// For the command line: a new first password for `name`; ends the sessions, lets in who was disabled, and with
    /// `without_totp` takes his second step away.
    [[nodiscard]] Result<std::string> reset_password(std::string_view name, bool without_totp = false);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::access
