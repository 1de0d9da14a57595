#pragma once

#include <array>
#include <chrono>
#include <string>

#include <sys/types.h>
#include <unistd.h>

#include "common/core/result.hpp"
#include "platform/process.hpp"

/// Running a program and hearing it out, where processes have groups and pipes (POSIX.1).
namespace rollcall::platform::posix
{

/// A descriptor, closed with its owner.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int number)
        : number_(number)
    {
    }
    ~Descriptor() { reset(); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    void reset(int number = -1)
    {
        if (number_ >= 0) ::close(number_);
        number_ = number;
    }
    [[nodiscard]] int get() const { return number_; }

private:
    int number_{-1};
};

struct Pipe {
    Descriptor read;
    Descriptor write;
};

/// What a program of the system's gets as its environment, beside nothing of ours.
using Environment = std::array<char*, 5>;
/// The same for all; lives as long as the program.
[[nodiscard]] Environment const& plain_environment();

/// The whole path of a program that is named, or a path where one can be run.
[[nodiscard]] Result<std::string> find_program(std::string const& name);

/// Its end, after a kill or of its own accord.
int reap(pid_t child);

/// Reads both streams of a child that leads a group of its own, up to the command's limits, and waits for its end; then
/// its whole group is killed.
[[nodiscard]] Result<Finished> hear_out(pid_t child, Command const& command,
                                        std::chrono::steady_clock::time_point deadline, Pipe& output, Pipe& errors);

} // namespace rollcall::platform::posix
