#include <ostream>

#include <fmt/format.h>

#include "collector/client/help.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/text.hpp"
#include "common/core/version.hpp"

namespace rollcall::client
{

Exit complain(Surroundings& around, Error const& error)
{
    around.error << "rollcall: " << shown(error.trace) << '\n';
    return exit_of(error);
}

Exit run(std::vector<std::string> const& line, Surroundings& around)
{
    auto const asked = parse(line);
    if (!asked) return complain(around, asked.error());
    switch (asked->kind) {
    case Invocation::Kind::version:
        around.out << "rollcall " << version() << '\n';
        return Exit::done;
    case Invocation::Kind::help:
        around.out << (asked->command == nullptr ? help() : help_of(*asked->command));
        return Exit::done;
    case Invocation::Kind::command:
        break;
    }
    auto const exit = asked->command->run(*asked, around);
    around.out.flush();
    // A full disk must not look as if all had been written.
    if (exit == Exit::done && !around.out)
        return complain(around, fail(errc::refused, "the output takes nothing more"));
    return exit;
}

Exit run_completion(Invocation const& asked, Surroundings& around)
{
    around.out << completion(asked.arguments[0]);
    return Exit::done;
}

Exit run_man(Invocation const&, Surroundings& around)
{
    around.out << man_page();
    return Exit::done;
}

} // namespace rollcall::client
