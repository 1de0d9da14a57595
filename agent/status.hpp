#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "agent/uplink/uplink.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::agent
{

/// What waits in one lane of the spool.
struct Waiting {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    bool operator==(Waiting const&) const = default;
};

/// What `run` tells `status`, by way of a file in the state folder.
struct Report {
    std::string version;
    std::string device_id;
    std::string address;
    UnixMs started_ms = 0;
    uplink::Status uplink;
    std::array<Waiting, 3> lanes; ///< event, state, series
    std::uint64_t hung_probes = 0;
    bool operator==(Report const&) const = default;
};

/// Replaces the file in one step. It is not made durable: after a loss of power it means nothing anyhow.
Result<> write_report(std::filesystem::path const& folder, Report const& report);
[[nodiscard]] Result<std::string> read_report(std::filesystem::path const& folder);
/// As JSON text.
[[nodiscard]] std::string to_json_text(Report const& report);
/// The version of the program that wrote this text; "" where it makes no sense.
[[nodiscard]] std::string version_in(std::string const& json);
/// For people: a few lines. `json` is what the file holds; errc::bad_message where it makes no sense.
[[nodiscard]] Result<std::string> for_people(std::string const& json, UnixMs now_ms);

/// Held by the one program that works in a state folder.
///
/// Owns: the lock; the system takes it back whatever ends the program.
class FolderLock
{
public:
    /// errc::busy where another one holds it. Blocks up to half a second, for is_held() of another process is no agent.
    [[nodiscard]] static Result<FolderLock> take(std::filesystem::path const& folder);
    /// Does somebody hold it now?
    [[nodiscard]] static Result<bool> is_held(std::filesystem::path const& folder);
    FolderLock(FolderLock&&) noexcept;
    FolderLock& operator=(FolderLock&&) noexcept;
    ~FolderLock();

private:
    struct Body;
    static Result<FolderLock> try_take(std::filesystem::path const& folder);
    explicit FolderLock(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::agent
