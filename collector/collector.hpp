#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/gateway/gateway.hpp"
#include "collector/store/retention.hpp"
#include "collector/updates/limits.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::collector
{

/// How often customers that the command line added are looked for, and new files of the browsers' certificate.
inline constexpr std::chrono::milliseconds poll_every{1000};

/// How often its own certificates are looked at, besides each time when the clock leaps: one that nears its end is
/// replaced without a restart.
inline constexpr std::chrono::hours look_after_keys_every{6};
/// A clock that is further ahead of what is believed signs no device's certificate. Less may as well be the time that
/// the collector was off, or the age of the backup it was restored from, and is less than a certificate's age when it
/// is first renewed (eight months): an enrolment voids what was dated ahead and shown, and renewals go on from there.
inline constexpr std::chrono::hours sign_ahead_most{24 * 180};

/// Everything of the collector, wired: data folder → store → authority → access → projection → pipeline → upkeep → API
/// → live feed → gateway. Stops in the opposite order, so that nobody is called who is gone.
///
/// Owns: all of it.  Threads: start() and stop() from one; the rest any.  Blocks: start() and stop().
class Collector
{
public:
    struct Options {
        std::filesystem::path data;
        std::string listen;        ///< Address to listen on; "" = all of the machine.
        std::uint16_t port = 8443; ///< 0 = any free one.
        std::filesystem::path web; ///< The built page; "" = none.
        std::string public_url;    ///< "https://host[:port]" that agents and people use; "" = localhost.
        std::filesystem::path browser_certificate; ///< What browsers are shown, as PEM; "" = the collector's own.
        std::filesystem::path browser_key;         ///< Its key.
        std::filesystem::path releases;            ///< Releases of the agent; "" = "releases" of the data folder.
        std::filesystem::path thresholds;          ///< A file with changes to the default profile; "" = none.
        Clock const* clock = nullptr;              ///< nullptr = the machine's.
        unsigned threads = 0;                      ///< Event loops; 0 = one per core.
        gateway::Limits limits;
        store::Retention retention;                 ///< How long things are kept.
        updates::Pace pace;                         ///< How fast devices get a release.
        std::chrono::milliseconds tick_every{1000}; ///< Zero: only tick() does; nothing is deleted, no key renewed.
    };

    /// What of the options, and of the files that they name, is wrong as far as it can be known without a data folder:
    /// sentences, in which each names its option. Empty = nothing.
    [[nodiscard]] static std::vector<Error> check(Options const& options);
    /// The error is a sentence for the person who started it.
    static Result<std::unique_ptr<Collector>> start(Options options);
    ~Collector();
    Collector(Collector const&) = delete;
    Collector& operator=(Collector const&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// "host:port" that tokens carry.
    [[nodiscard]] std::string address() const;
    /// What people type into a browser.
    [[nodiscard]] std::string url() const;
    /// For the terminal only, never a log: set where nobody has changed the first password yet.
    [[nodiscard]] std::optional<std::string> const& first_password() const;
    /// Have the event loops and the store's writer come round within `limit`, which is some seconds? For a watchdog:
    /// who is not is beyond help from within.
    [[nodiscard]] bool alive(std::chrono::milliseconds limit) const;
    /// One round of the pipeline's clock, for tests that set the time.
    void tick();
    /// Idempotent.
    void stop();

private:
    struct Parts;
    explicit Collector(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// For the command line, beside a running collector or without one; the errors are sentences.
struct TokenWish {
    std::string customer; ///< Its name; made where there is none.
    std::int64_t uses = 1;
    std::int64_t expires_in_s = 3600;
    std::string install; ///< "" = the word alone.
};
/// The word to carry to the machine; with `install` (linux, windows, macos) the line that installs the agent there.
[[nodiscard]] Result<std::string> create_token(std::filesystem::path const& data, TokenWish const& wish);
/// The new first password. `without_totp` takes the second step away, for who lost it.
[[nodiscard]] Result<std::string> reset_password(std::filesystem::path const& data, std::string const& name,
                                                 bool without_totp);

} // namespace rollcall::collector
