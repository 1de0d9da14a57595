#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// What this very program uses.
struct OwnUsageFacts {
    OwnUsageFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<std::int64_t> resident_bytes;
    Fact<std::int64_t> anonymous_bytes; ///< Of these, what is no file's: what nobody else could share.
    Fact<std::int64_t> threads;
    Fact<std::int64_t> descriptors;
    Fact<std::chrono::milliseconds> cpu;      ///< Processor time of this program since it began …
    Fact<std::chrono::milliseconds> children; ///< … and of the programs that it ran and that have ended.
};

/// What the program itself costs.
///
/// Owns: nothing.  Threads: any.  Blocks: for two file reads.
class OwnUsage
{
public:
    virtual ~OwnUsage() = default;
    [[nodiscard]] virtual Result<OwnUsageFacts> read() const = 0;
};

[[nodiscard]] std::unique_ptr<OwnUsage> make_own_usage(Root const& root = {});

} // namespace rollcall::platform
