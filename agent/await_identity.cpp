#include "agent/await_identity.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "agent/token_file.hpp"
#include "common/log/log.hpp"

namespace rollcall::agent
{

namespace
{

using AwaitSteady = std::chrono::steady_clock;

/// What was tried, so that neither the collector nor the log hears the same thing at each look.
class TokenWait
{
public:
    explicit TokenWait(AwaitOptions const& options)
        : options_(options)
    {
    }

    /// One look. True: there is an identity.
    bool look(Stop& stop)
    {
        if (uplink::has_identity(options_.folder)) {
            discard_token(options_.token_file);
            return true;
        }
        auto const token = read_token_file(options_.token_file);
        if (!token) {
            if (reason(token.error()) == to_string(errc::not_found))
                say("agent.waits_for_token", token.error());
            else
                say("agent.token_unreadable", token.error());
            return false;
        }
        if (*token != tried_)
            away_ = options_.away_for;
        else if (AwaitSteady::now() < ask_again_)
            return false;
        auto const enrolled = options_.enrol(*token, stop);
        if (!enrolled) {
            if (!stop.requested()) judge(*token, enrolled.error());
            return false;
        }
        log::info("agent.enrolled", {{"device", enrolled->device_id}, {"address", enrolled->address}});
        destroy();
        return true;
    }

private:
    void judge(std::string const& token, Error const& error)
    {
        tried_ = token;
        auto const why = reason(error);
        if (why == to_string(errc::refused) || why == to_string(errc::bad_input)) {
            ask_again_ = AwaitSteady::now() + options_.refused_for;
            say("agent.enrolment_refused", error);
        } else {
            ask_again_ = AwaitSteady::now() + away_;
            away_ = std::min(2 * away_, options_.away_longest);
            say("agent.enrolment_failed", error);
        }
    }

    void destroy() const
    {
        if (auto const gone = destroy_token(options_.token_file); !gone)
            log::error("agent.token_stays", {{"error", gone.error()}});
    }

    void say(std::string_view event, Error const& error)
    {
        if (said_ == error.trace) return;
        said_ = error.trace;
        log::warning(event, {{"error", error}, {"file", options_.token_file.string()}});
    }

    AwaitOptions const& options_;
    std::string tried_; ///< With it the collector was asked last, in vain.
    AwaitSteady::time_point ask_again_;
    std::chrono::milliseconds away_{};
    std::string said_;
};

} // namespace

void discard_token(std::filesystem::path const& token_file)
{
    std::error_code failed;
    if (!std::filesystem::exists(std::filesystem::symlink_status(token_file, failed))) return;
    auto const gone = destroy_token(token_file);
    if (gone)
        log::info("agent.token_not_needed", {{"file", token_file.string()}});
    else
        log::error("agent.token_stays", {{"error", gone.error()}});
}

bool await_identity(AwaitOptions const& options, Stop& stop)
{
    TokenWait waiting(options);
    while (!stop.requested()) {
        if (waiting.look(stop)) return true;
        (void)stop.wait_for(options.look_every);
    }
    return false;
}

} // namespace rollcall::agent
