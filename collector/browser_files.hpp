#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "collector/gateway/gateway.hpp"
#include "common/core/result.hpp"

namespace rollcall::collector
{

/// The files of the certificate that browsers are shown, which somebody else renews now and then.
///
/// Owns: nothing.  Threads: one at a time.  Blocks: on the disk.
class BrowserFiles
{
public:
    /// No longer than this, or it is another file.
    static constexpr std::size_t file_bytes = 1024UL * 1024;

    BrowserFiles(std::filesystem::path certificate, std::filesystem::path key)
        : certificate_(std::move(certificate))
        , key_(std::move(key))
    {
    }

    /// Both, read and found to belong together; the error is a sentence that names the key of the config.
    [[nodiscard]] Result<gateway::BrowserCertificate> read();
    /// Has a file another time, size or mode than at the last read()?
    [[nodiscard]] bool changed() const { return stamps() != seen_; }

private:
    struct Stamp {
        std::filesystem::file_time_type written;
        std::uintmax_t bytes = 0;
        std::filesystem::perms rights = std::filesystem::perms::none; ///< chmod mends a refusal.
        bool operator==(Stamp const&) const = default;
    };
    using Stamps = std::array<std::optional<Stamp>, 2>; ///< Nothing where the file cannot be looked at.
    [[nodiscard]] Stamps stamps() const;

    std::filesystem::path certificate_;
    std::filesystem::path key_;
    Stamps seen_;
};

} // namespace rollcall::collector
