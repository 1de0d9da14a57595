#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <doctest/doctest.h>

#include "agent/probe/runner.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::probe;
using namespace std::chrono_literals;
using support::patience;

namespace
{

/// Collects what the runner tells, and waits for it.
class Told
{
public:
    [[nodiscard]] Runner::Done callback()
    {
        return [this](std::string const& name, Result<Snapshot> seen) {
            std::lock_guard const lock(mutex_);
            ++count_[name];
            last_[name] = seen ? "rows" : std::string(reason(seen.error()));
            changed_.notify_all();
        };
    }
    /// The outcome of the run with that number, "nothing" where it does not come.
    std::string wait(std::string const& name, int number = 1)
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return count_[name] >= number; })) return "nothing";
        return last_[name];
    }
    int count(std::string const& name)
    {
        std::lock_guard const lock(mutex_);
        return count_[name];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> count_;
    std::map<std::string, std::string> last_;
};

/// Shut until it is opened.
class Gate
{
public:
    void open()
    {
        std::lock_guard const lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass()
    {
        std::unique_lock lock(mutex_);
        ++inside_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
        ++left_;
        changed_.notify_all();
    }
    void wait_inside(int count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return inside_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_{};
    int inside_{};
    int left_{};
};

class FunctionReader final : public Reader
{
public:
    explicit FunctionReader(std::function<Result<Snapshot>()> body)
        : body_(std::move(body))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override { return body_(); }

private:
    std::function<Result<Snapshot>()> body_;
};

std::shared_ptr<Reader> quick()
{
    return std::make_shared<FunctionReader>([] { return Snapshot{{"", {}}}; });
}

/// Keeps the gate alive: its thread may outlive the test.
std::shared_ptr<Reader> hanging(std::shared_ptr<Gate> gate)
{
    return std::make_shared<FunctionReader>([gate = std::move(gate)] {
        gate->pass();
        return Snapshot{};
    });
}

template <class Condition>
bool eventually(Condition condition)
{
    auto const until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

} // namespace

TEST_CASE("runner: what a reader saw is told, and so is its failure")
{
    Told told;
    Runner runner(told.callback());
    CHECK(runner.start("good", quick(), patience));
    auto const denied =
        std::make_shared<FunctionReader>([]() -> Result<Snapshot> { return fail(errc::permission_denied, "x"); });
    CHECK(runner.start("denied", denied, patience));
    CHECK(told.wait("good") == "rows");
    CHECK(told.wait("denied") == "permission_denied");
    CHECK(eventually([&] { return !runner.running("good"); }));
    CHECK(runner.start("good", quick(), patience));
    CHECK(told.wait("good", 2) == "rows");
}

TEST_CASE("runner: a reader that breaks is an error of its own and hurts no other")
{
    Told told;
    Runner runner(told.callback());
    CHECK(runner.start("broken",
                       std::make_shared<FunctionReader>([]() -> Result<Snapshot> { throw std::runtime_error("bug"); }),
                       patience));
    CHECK(runner.start("odd", std::make_shared<FunctionReader>([]() -> Result<Snapshot> { throw 7; }), patience));
    CHECK(told.wait("broken") == "io");
    CHECK(told.wait("odd") == "io");
    CHECK(runner.start("good", quick(), patience));
    CHECK(told.wait("good") == "rows");
}

TEST_CASE("runner: one that hangs is told of at its limit, hurts no other, and is not started until it came back")
{
    Told told;
    auto const gate = std::make_shared<Gate>();
    Runner runner(told.callback(), {.threads = 1, .most_threads = 4});
    CHECK(runner.start("hangs", hanging(gate), 20ms));
    CHECK(runner.start("good", quick(), patience)); // Waits behind it, with the only thread.
    CHECK(told.wait("hangs") == "timed_out");
    CHECK(told.wait("good") == "rows");
    CHECK(runner.hung() == 1);
    CHECK(runner.threads() == 2);
    CHECK(runner.running("hangs"));
    CHECK_FALSE(runner.start("hangs", quick(), patience));

    gate->open();
    CHECK(eventually([&] { return !runner.running("hangs") && runner.hung() == 0; }));
    CHECK(eventually([&] { return runner.threads() == 1; })); // The one too many went home.
    CHECK(told.count("hangs") == 1);                          // Its late answer is not news.
    CHECK(runner.start("hangs", quick(), patience));
    CHECK(told.wait("hangs", 2) == "rows");
}

TEST_CASE("runner: where every thread hangs, the next is busy, not silent, and never more threads are made")
{
    Told told;
    auto const gate = std::make_shared<Gate>();
    Runner runner(told.callback(), {.threads = 2, .most_threads = 3});
    for (auto const* const name : {"a", "b", "c"})
        CHECK(runner.start(name, hanging(gate), 20ms));
    for (auto const* const name : {"a", "b", "c"})
        CHECK(told.wait(name) == "timed_out");
    CHECK(runner.hung() == 3);
    CHECK(runner.start("late", quick(), 20ms));
    CHECK(told.wait("late") == "busy");
    CHECK(runner.threads() == 3);
    CHECK_FALSE(runner.running("late"));

    gate->open();
    CHECK(eventually([&] { return runner.hung() == 0; }));
    CHECK(runner.start("late", quick(), patience));
    CHECK(told.wait("late", 2) == "rows");
}

TEST_CASE("runner: two threads at most work while nothing hangs")
{
    Told told;
    auto const gate = std::make_shared<Gate>();
    Runner runner(told.callback());
    for (auto const* const name : {"a", "b", "c", "d", "e"})
        CHECK(runner.start(name, hanging(gate), patience));
    gate->wait_inside(2);
    CHECK(runner.threads() == 2);
    gate->open();
    for (auto const* const name : {"a", "b", "c", "d", "e"})
        CHECK(told.wait(name) == "rows");
    CHECK(runner.threads() == 2);
}

TEST_CASE("runner: the callback may start the next run")
{
    Told told;
    auto const tell = told.callback();
    std::unique_ptr<Runner> runner;
    runner = std::make_unique<Runner>([&](std::string const& name, Result<Snapshot> seen) {
        if (name == "first") CHECK(runner->start("second", quick(), patience));
        tell(name, std::move(seen));
    });
    CHECK(runner->start("first", quick(), patience));
    CHECK(told.wait("second") == "rows");
    runner->stop();
}

TEST_CASE("runner: after stop nothing is told and nothing starts, even if a reader hangs")
{
    Told told;
    auto const gate = std::make_shared<Gate>();
    auto runner = std::make_unique<Runner>(told.callback());
    CHECK(runner->start("hangs", hanging(gate), patience));
    gate->wait_inside(1);
    runner->stop(1ms);
    CHECK_FALSE(runner->start("good", quick(), patience));
    runner->stop();
    runner.reset();
    gate->open();
    CHECK(told.count("hangs") == 0);
}
