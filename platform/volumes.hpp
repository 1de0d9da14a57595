#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Volume {
    std::string mount_point;
    std::string device;
    std::string file_system;
    bool read_only{};
    Fact<std::int64_t> size_bytes;
    Fact<std::int64_t> free_bytes; ///< What an ordinary user may still write.
};

/// The mounted local file systems, each once.
///
/// Owns: nothing.  Threads: any.  Blocks: yes, a dead drive or FUSE program can hang, so only the probe pool calls it.
class Volumes
{
public:
    virtual ~Volumes() = default;
    /// Empty is a valid answer.
    [[nodiscard]] virtual Result<std::vector<Volume>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Volumes> make_volumes(Root const& root = {});

} // namespace rollcall::platform
