#include "collector/view/api/filter_memory.hpp"

#include <algorithm>

#include "collector/view/api/limits.hpp"

namespace rollcall::api
{

struct FilterMemory::Test {
    std::vector<std::string_view> probes;
    std::vector<filter::Truth> answers;
    std::int64_t readers = 0;
    std::unordered_set<Slot> changed; ///< Since the first of its readers began.
    std::uint64_t used = 0;
};

FilterMemory::FilterMemory(view::Projection const& projection)
    : projection_(projection)
{
    listener_ = projection.listen_to_rows(
        [this](std::string_view device_id, std::string_view probe) { forget(device_id, probe); });
}

FilterMemory::~FilterMemory() { projection_.unlisten_to_rows(listener_); }

FilterMemory::Slot FilterMemory::slot_of(std::string const& device_id)
{
    return slots_.try_emplace(device_id, static_cast<Slot>(slots_.size())).first->second;
}

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

std::vector<filter::Truth> FilterMemory::known(Test const& test, std::vector<std::string> const& ids)
{
    std::vector<filter::Truth> answers(ids.size(), filter::Truth::undecided);
    std::lock_guard const lock(mutex_);
    for (std::size_t at = 0; at < ids.size(); ++at) {
        auto const slot = slot_of(ids[at]);
        if (slot < test.answers.size()) answers[at] = test.answers[slot];
    }
    return answers;
}

void FilterMemory::keep(Test& test, std::span<std::string const> ids, std::vector<filter::Truth> const& answers)
{
    std::lock_guard const lock(mutex_);
    for (std::size_t at = 0; at < ids.size(); ++at) {
        auto const slot = slot_of(ids[at]);
        if (test.changed.contains(slot)) continue;
        if (slot >= test.answers.size()) test.answers.resize(slots_.size(), filter::Truth::undecided);
        test.answers[slot] = answers[at];
    }
}

void FilterMemory::forget(std::string_view device_id, std::string_view probe)
{
    std::lock_guard const lock(mutex_);
    auto const found = slots_.find(std::string(device_id));
    if (found == slots_.end()) return;
    for (auto const& [text, test] : tests_) {
        if (std::ranges::find(test->probes, probe) == test->probes.end()) continue;
        if (found->second < test->answers.size()) test->answers[found->second] = filter::Truth::undecided;
        if (test->readers > 0) test->changed.insert(found->second);
    }
}

} // namespace rollcall::api
