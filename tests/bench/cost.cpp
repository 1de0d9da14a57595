// Runs a command and prints, as JSON, what it cost: its own processor time apart from that of the children it waited
// for, which getrusage(2) adds up. What the command prints goes nowhere.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

/// Of proc(5), /proc/PID/stat: the fields after the command's name, of which utime is the 12th.
struct Times {
    unsigned long user = 0;
    unsigned long system = 0;
    unsigned long children_user = 0;
    unsigned long children_system = 0;
};

bool read_times(pid_t pid, Times& times)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return false;
    std::istringstream rest(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int field = 0; field < 11; ++field)
        rest >> skipped;
    return static_cast<bool>(rest >> times.user >> times.system >> times.children_user >> times.children_system);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "usage: rollcall-cost COMMAND…\n");
        return 2;
    }
    pid_t const pid = fork();
    if (pid == 0) {
        if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
        execvp(argv[1], argv + 1);
        std::fprintf(stderr, "rollcall-cost: %s: %s\n", argv[1], std::strerror(errno));
        _exit(127);
    }
    if (pid < 0) return 1;
    // It stays a zombie until it is waited for, and /proc still knows what it used.
    siginfo_t ended{};
    while (waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    Times times;
    bool const known = read_times(pid, times);
    int status = 0;
    rusage usage{};
    if (wait4(pid, &status, 0, &usage) != pid || !known) return 1;
    auto const tick = static_cast<double>(sysconf(_SC_CLK_TCK));
    std::printf("{\"own_cpu_s\": %.3f, \"children_cpu_s\": %.3f, \"max_rss_kib\": %ld, \"exit\": %d}\n",
                static_cast<double>(times.user + times.system) / tick,
                static_cast<double>(times.children_user + times.children_system) / tick, usage.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
