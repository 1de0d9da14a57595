#pragma once

#include <string>
#include <vector>

#include "collector/client/commands.hpp"
#include "collector/client/exit.hpp"
#include "collector/client/surroundings.hpp"

/// What each command does; the table of commands names them.
namespace rollcall::client
{

Exit run_login(Invocation const& asked, Surroundings& around);
Exit run_devices(Invocation const& asked, Surroundings& around);
Exit run_device(Invocation const& asked, Surroundings& around);
Exit run_alerts(Invocation const& asked, Surroundings& around);
Exit run_resolve(Invocation const& asked, Surroundings& around);
Exit run_reopen(Invocation const& asked, Surroundings& around);
Exit run_snooze(Invocation const& asked, Surroundings& around);
Exit run_assign(Invocation const& asked, Surroundings& around);
Exit run_customers(Invocation const& asked, Surroundings& around);
Exit run_api(Invocation const& asked, Surroundings& around);
Exit run_completion(Invocation const& asked, Surroundings& around);
Exit run_man(Invocation const& asked, Surroundings& around);

/// The whole program, but for its surroundings.
Exit run(std::vector<std::string> const& line, Surroundings& around);

/// On standard error, as one line. Yields what the program ends with.
Exit complain(Surroundings& around, Error const& error);

} // namespace rollcall::client
