#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct ListedFile {
    std::string path; ///< As it stands in the list.
    Fact<bool> exists;
    Fact<std::string> kind; ///< "file", "folder" or "other".
    Fact<std::int64_t> size_bytes;
    Fact<std::int64_t> modified_ms;
};

/// The files that somebody who looks after this machine wants to be looked at, named one a line in
/// `files` of the agent's folder for settings. Their content is never read.
///
/// Owns: nothing.  Threads: any.  Blocks: for the file systems the paths are on; a dead network mount can hang.
class Files
{
public:
    virtual ~Files() = default;
    /// Empty where nothing is named. limit_exceeded: the list is too long, and then nothing of it is looked at. A line
    /// that is no absolute path is there with bad_input, what may not be looked at with the reason.
    [[nodiscard]] virtual Result<std::vector<ListedFile>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Files> make_files(Root const& root = {});

} // namespace rollcall::platform
