#include "collector/view/api/filter_memory.hpp"

#include <algorithm>

#include "collector/view/api/limits.hpp"

namespace rollcall::api
{

struct FilterMemory::Test {
    std::vector<std::string_view> probes;
    std::vector<filter::Truth> answers; ///< By the device's number.
    std::int64_t readers = 0;
    std::unordered_set<view::DeviceNumber> changed; ///< Since the first of its readers began.
    std::uint64_t used = 0;
};

FilterMemory::FilterMemory(view::Projection const& projection)
    : projection_(projection)
{
    listener_ =
        projection.listen_to_rows([this](view::DeviceNumber device, std::string_view probe) { forget(device, probe); });
}

FilterMemory::~FilterMemory() { projection_.unlisten_to_rows(listener_); }

std::shared_ptr<FilterMemory::Test> FilterMemory::begin(std::string const& text, filter::Table const& table)
{
    std::lock_guard const lock(mutex_);
    auto& test = tests_[text];
    if (test == nullptr) {
        test = std::make_shared<Test>();
        for (auto const* const probe : table.probes)
            test->probes.push_back(probe->name);
    }
    test->used = ++turns_;
    ++test->readers;
    auto const reading = test;
    if (tests_.size() > limits::filter_tests)
        tests_.erase(std::ranges::min_element(tests_, {}, [](auto const& one) { return one.second->used; }));
    return {reading.get(), [this, reading](Test* ended) { end(*ended); }};
}

void FilterMemory::end(Test& test)
{
    std::lock_guard const lock(mutex_);
    if (--test.readers == 0) test.changed.clear();
}

std::vector<filter::Truth> FilterMemory::known(Test const& test)
{
    std::lock_guard const lock(mutex_);
    return test.answers;
}

void FilterMemory::keep(Test& test, std::span<view::DeviceNumber const> devices,
                        std::vector<filter::Truth> const& answers)
{
    std::lock_guard const lock(mutex_);
    if (answers.size() > test.answers.size()) test.answers.resize(answers.size(), filter::Truth::undecided);
    for (auto const device : devices)
        if (!test.changed.contains(device)) test.answers[device] = answers[device];
}

void FilterMemory::forget(view::DeviceNumber device, std::string_view probe)
{
    std::lock_guard const lock(mutex_);
    for (auto const& [text, test] : tests_) {
        if (std::ranges::find(test->probes, probe) == test->probes.end()) continue;
        if (device < test->answers.size()) test->answers[device] = filter::Truth::undecided;
        if (test->readers > 0) test->changed.insert(device);
    }
}

} // namespace rollcall::api
