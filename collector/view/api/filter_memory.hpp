#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "collector/view/filter/evaluate.hpp"
#include "collector/view/projection.hpp"

namespace rollcall::api
{

/// What the row tests of filters said of each device: asked again, only what has changed since is read. Whoever keeps
/// the projection up to date tells of each change of a probe's rows.
///
/// Owns: the answers, a byte for each device and test.  Threads: any.  Blocks: no.
class FilterMemory
{
public:
    explicit FilterMemory(view::Projection const& projection);
    ~FilterMemory();
    FilterMemory(FilterMemory const&) = delete;
    FilterMemory& operator=(FilterMemory const&) = delete;

    struct Test;
    /// Begins to read answers: what changes from here on is not remembered by keep(). `text` is how the test is
    /// written.
    [[nodiscard]] std::shared_ptr<Test> begin(std::string const& text, filter::Table const& table);
    /// Of every device, by its number; `undecided`, or beyond the end, where nothing is remembered.
    [[nodiscard]] std::vector<filter::Truth> known(Test const& test);
    /// Of these devices, what `answers` says by their numbers.
    void keep(Test& test, std::span<view::DeviceNumber const> devices, std::vector<filter::Truth> const& answers);

private:
    void forget(view::DeviceNumber device, std::string_view probe);
    void end(Test& test);

    view::Projection const& projection_;
    std::uint64_t listener_ = 0;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Test>, std::less<>> tests_;
    std::uint64_t turns_ = 0;
};

} // namespace rollcall::api
