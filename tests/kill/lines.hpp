#pragma once

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <unistd.h>

namespace rollcall::kill_test
{

/// Lines over a socket between two programs of this test.
///
/// Owns: the descriptor.  Threads: one.  Blocks: read_some() and send() on the socket.
class Lines
{
public:
    explicit Lines(int file)
        : file_(file)
    {
    }
    ~Lines() { ::close(file_); }
    Lines(Lines const&) = delete;
    Lines& operator=(Lines const&) = delete;

    [[nodiscard]] int file() const { return file_; }

    /// False: the other side is gone.
    bool send(std::string_view text) const
    {
        while (!text.empty()) {
            auto const sent = ::send(file_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Takes what is there, waits where nothing is. False: the other side is gone.
    bool read_some()
    {
        std::array<char, 4096> buffer{};
        ssize_t got = 0;
        do {
            got = ::recv(file_, buffer.data(), buffer.size(), 0);
        } while (got < 0 && errno == EINTR);
        if (got <= 0) return false;
        read_.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }
    /// A line that was read whole.
    std::optional<std::string> next()
    {
        auto const end = read_.find('\n');
        if (end == std::string::npos) return std::nullopt;
        auto line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return line;
    }

private:
    int file_;
    std::string read_;
};

} // namespace rollcall::kill_test
