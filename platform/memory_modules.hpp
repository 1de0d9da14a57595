#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct MemoryModule {
    std::string slot;              ///< As the board is printed, unique in the list: "DIMM_A1".
    Fact<std::int64_t> size_bytes; ///< 0: the slot is empty; then all else is not_found.
    Fact<std::string> type;        ///< "DDR4".
    Fact<std::int64_t> mt_per_s;   ///< Speed it runs at, in megatransfers per second.
    Fact<std::string> manufacturer;
    Fact<std::string> serial;
    Fact<std::string> part_number;
};

/// The slots for memory and what is in them.
///
/// Owns: nothing.  Threads: any.  Blocks: for one file read.
class MemoryModules
{
public:
    virtual ~MemoryModules() = default;
    /// not_supported: this machine does not describe its slots.
    [[nodiscard]] virtual Result<std::vector<MemoryModule>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<MemoryModules> make_memory_modules(Root const& root = {});

} // namespace rollcall::platform
