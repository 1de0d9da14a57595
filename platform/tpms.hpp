#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Tpm {
    std::string name;               ///< "tpm0".
    Fact<std::string> version;      ///< Of the specification: "1.2" or "2.0".
    Fact<std::string> manufacturer; ///< Four letters of the TCG's list: "IFX", "INTC".
    Fact<std::string> firmware_version;
};

/// Trusted platform modules.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads.
class Tpms
{
public:
    virtual ~Tpms() = default;
    /// Empty: there is none that the system can use.
    [[nodiscard]] virtual Result<std::vector<Tpm>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Tpms> make_tpms(Root const& root = {});

} // namespace rollcall::platform
