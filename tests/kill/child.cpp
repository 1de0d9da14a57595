#include "tests/kill/child.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rollcall::kill_test
{

static constexpr std::size_t shown_bytes = 3000;
static constexpr std::chrono::milliseconds look_every{10};

static std::string content(std::filesystem::path const& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Child::Child(std::vector<std::string> words, Output output)
    : words_(std::move(words))
    , output_(std::move(output))
{
}

Child::~Child() { (void)kill(); }

void Child::start()
{
    std::vector<char*> words;
    for (auto& word : words_)
        words.push_back(word.data());
    words.push_back(nullptr);
    status_.reset();
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(output_.out.c_str(), flags, 0600), STDOUT_FILENO);
    ::dup2(::open(output_.err.c_str(), flags, 0600), STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
}

std::optional<int> Child::ended()
{
    if (status_ || pid_ <= 0) return status_;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_)
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

bool Child::kill()
{
    if (pid_ <= 0 || ended()) return false;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return *status_ == 128 + SIGKILL;
}

void Child::terminate() const
{
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

std::optional<int> Child::wait(std::chrono::seconds limit)
{
    auto const end = std::chrono::steady_clock::now() + limit;
    while (!ended() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(look_every);
    return status_;
}

std::string Child::said() const { return content(output_.out); }

std::string Child::log() const { return content(output_.err); }

std::string Child::last_words() const
{
    auto const all = log();
    return all.substr(all.size() - std::min(all.size(), shown_bytes));
}

} // namespace rollcall::kill_test
