#include "collector/client/exit.hpp"

namespace rollcall::client
{

std::vector<ExitMeaning> const& exit_meanings()
{
    static std::vector<ExitMeaning> const meanings{
        {Exit::done, "done"},
        {Exit::failed, "the collector refused or failed; the line on standard error says why"},
        {Exit::usage, "the command line, or a value on it, makes no sense"},
        {Exit::not_found, "there is no such thing, or the token does not see it"},
        {Exit::not_logged_in, "there is no log-in, or its token is not valid any more"},
        {Exit::not_allowed, "the token has not the permission"},
        {Exit::conflict, "somebody else was faster, or several things fit the name; of several alerts some were not "
                         "changed"},
        {Exit::not_reachable, "the collector was not reached, or somebody else answers in its place"},
    };
    return meanings;
}

Exit exit_of(Error const& error)
{
    auto const is = [why = reason(error)](errc code) { return why == to_string(code); };
    if (is(errc::bad_input)) return Exit::usage;
    if (is(errc::not_found)) return Exit::not_found;
    if (is(errc::unauthenticated)) return Exit::not_logged_in;
    if (is(errc::permission_denied)) return Exit::not_allowed;
    if (is(errc::conflict)) return Exit::conflict;
    if (is(errc::io) || is(errc::timed_out)) return Exit::not_reachable;
    return Exit::failed;
}

} // namespace rollcall::client
