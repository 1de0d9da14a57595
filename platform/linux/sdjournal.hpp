#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <systemd/sd-journal.h>

#include "platform/system_log.hpp"

/// sd-journal, loaded when it is first asked for.
namespace rollcall::platform::sdjournal
{

/// The functions of libsystemd that we use, under their own names.
struct Library {
#define ROLLCALL_SDJOURNAL_FUNCTIONS(X)                                                                                \
    X(sd_journal_open)                                                                                                 \
    X(sd_journal_close)                                                                                                \
    X(sd_journal_set_data_threshold)                                                                                   \
    X(sd_journal_add_match)                                                                                            \
    X(sd_journal_flush_matches)                                                                                        \
    X(sd_journal_seek_head)                                                                                            \
    X(sd_journal_seek_tail)                                                                                            \
    X(sd_journal_seek_cursor)                                                                                          \
    X(sd_journal_test_cursor)                                                                                          \
    X(sd_journal_get_cursor)                                                                                           \
    X(sd_journal_next)                                                                                                 \
    X(sd_journal_previous)                                                                                             \
    X(sd_journal_get_data)                                                                                             \
    X(sd_journal_get_realtime_usec)                                                                                    \
    X(sd_journal_get_cutoff_realtime_usec)                                                                             \
    X(sd_journal_has_persistent_files)
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member's name takes none.
#define ROLLCALL_SDJOURNAL_MEMBER(name) decltype(&::name) name{};
    ROLLCALL_SDJOURNAL_FUNCTIONS(ROLLCALL_SDJOURNAL_MEMBER)
#undef ROLLCALL_SDJOURNAL_MEMBER
};

/// not_supported where libsystemd, or one of its functions, is missing.
[[nodiscard]] Result<Library const*> library();

/// The journal of the system, open for reading.
///
/// Owns: the open files.  Threads: one at a time.  Blocks: for file reads.
class Journal
{
public:
    [[nodiscard]] static Result<Journal> open_system(Library const& lib);
    ~Journal()
    {
        if (raw_ != nullptr) lib_->sd_journal_close(raw_);
    }
    Journal(Journal&& other) noexcept
        : lib_(other.lib_)
        , raw_(std::exchange(other.raw_, nullptr))
    {
    }
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;
    Journal& operator=(Journal&&) = delete;

    /// As SystemLog::read. Records of the process `own_id`, and of the facilities auth and
    /// authpriv, are passed over.
    [[nodiscard]] Result<LogReading> read(std::string const& position, std::size_t most, std::int64_t own_id);

private:
    Journal(Library const& lib, sd_journal* raw)
        : lib_(&lib)
        , raw_(raw)
    {
    }
    /// Is there a next one?
    [[nodiscard]] Result<bool> next();
    [[nodiscard]] Result<std::string> cursor();
    [[nodiscard]] Result<std::string> last_cursor();
    [[nodiscard]] Result<std::string> field(char const* name);
    [[nodiscard]] Result<bool> is_private();
    [[nodiscard]] Result<LogRecord> record();
    [[nodiscard]] Result<bool> go_behind(std::string const& position);
    void describe(LogReading& reading);

    Library const* lib_;
    sd_journal* raw_;
    bool at_next_ = false; ///< The first after the position is already the current one.
};

} // namespace rollcall::platform::sdjournal
