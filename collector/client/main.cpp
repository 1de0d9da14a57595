#include <iostream>
#include <string>
#include <vector>

#include "collector/client/runs.hpp"
#include "collector/client/settings.hpp"
#include "collector/client/terminal.hpp"

/// The command line of technicians and scripts. README.md of this folder documents what it prints and ends with.
int main(int count, char** words)
{
    using namespace rollcall::client;
    std::ios::sync_with_stdio(false);
    Surroundings around{.in = std::cin,
                        .out = std::cout,
                        .error = std::cerr,
                        .is_terminal = is_terminal(),
                        .width = is_terminal() ? terminal_width() : 0,
                        .settings_file = {},
                        .ask_secret = &ask_secret};
    if (auto file = settings_file(); file) around.settings_file = *std::move(file);
    return static_cast<int>(run(std::vector<std::string>(words + 1, words + count), around));
}
