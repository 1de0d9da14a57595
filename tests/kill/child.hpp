#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rollcall::kill_test
{

/// A program of its own, killed with this one.
///
/// Owns: the process.  Threads: one.  Blocks: kill() and wait().
class Child
{
public:
    /// What it says goes to the end of these files.
    struct Output {
        std::filesystem::path out;
        std::filesystem::path err;
    };

    Child(std::vector<std::string> words, Output output);
    ~Child();
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;

    void start();
    /// kill -9. False: it was dead already, by itself.
    [[nodiscard]] bool kill();
    void terminate() const;
    /// Its exit status; nothing while it runs (or, after it was killed by a signal, 128 + that).
    [[nodiscard]] std::optional<int> ended();
    /// Its exit status; nothing where it does not end in time.
    [[nodiscard]] std::optional<int> wait(std::chrono::seconds limit);
    /// What it said on standard error, and the last of it.
    [[nodiscard]] std::string log() const;
    [[nodiscard]] std::string last_words() const;
    [[nodiscard]] std::string said() const;

private:
    std::vector<std::string> words_;
    Output output_;
    pid_t pid_ = 0;
    std::optional<int> status_;
};

} // namespace rollcall::kill_test
