#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Gpu {
    std::string place;               ///< Where it is plugged in: "0000:01:00.0".
    Fact<std::string> manufacturer;  ///< A name, or the number on the bus where nobody here knows one.
    Fact<std::string> model;         ///< The same.
    Fact<std::string> driver;        ///< not_found where none drives it.
    Fact<std::int64_t> memory_bytes; ///< Of its own; not_supported where the driver does not say.
};

/// Graphics adapters.
///
/// Owns: the names it looked up.  Threads: one at a time.  Blocks: for file reads.
class Gpus
{
public:
    virtual ~Gpus() = default;
    /// Empty is a valid answer: a server may have none.
    [[nodiscard]] virtual Result<std::vector<Gpu>> list() = 0;
};

[[nodiscard]] std::unique_ptr<Gpus> make_gpus(Root const& root = {});

} // namespace rollcall::platform
