#include "collector/client/terminal.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "collector/client/limits.hpp"

namespace rollcall::client
{

namespace
{

/// Echo off, until it is destroyed. A signal that ends the program leaves it to the shell to switch it on again.
class Terminal
{
public:
    Terminal()
        : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY))
    {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        is_silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
    }
    ~Terminal()
    {
        if (is_silent_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Terminal(Terminal const&) = delete;
    Terminal& operator=(Terminal const&) = delete;

    [[nodiscard]] bool is_silent() const { return is_silent_; }
    [[nodiscard]] bool say(std::string const& text) const
    {
        return ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    /// Up to the end of a line; the terminal hands over whole ones.
    [[nodiscard]] Result<std::string> line() const
    {
        std::string typed;
        for (char c = 0; typed.size() < limits::small_file_bytes;) {
            auto const got = ::read(descriptor_, &c, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail_errno(errno, "terminal");
            if (got == 0 || c == '\n') return typed;
            typed += c;
        }
        return fail(errc::bad_input, "that is too long");
    }

private:
    int descriptor_ = -1;
    termios before_{};
    bool is_silent_ = false;
};

} // namespace

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::size_t terminal_width()
{
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

Result<std::string> ask_secret(std::string const& prompt)
{
    Terminal const terminal;
    if (!terminal.is_silent()) return fail(errc::not_supported, "there is no terminal to ask on");
    if (!terminal.say(prompt)) return fail(errc::io, "the terminal takes nothing");
    return terminal.line();
}

} // namespace rollcall::client
