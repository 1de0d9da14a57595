#include "platform/system_log.hpp"

#include <array>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/procfs.hpp"
#include "platform/linux/sdjournal.hpp"

namespace rollcall::platform
{

namespace
{

/// Size and time of each file of the journal.
using FileMarks = std::map<std::string, std::array<std::int64_t, 3>>;

class LinuxSystemLog final : public SystemLog
{
public:
    explicit LinuxSystemLog(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<LogReading> read(std::string const& position, std::size_t most) override
    {
        auto files = look();
        if (!files) return files.error();
        // Opening it costs a look into every file; and each record changes one.
        if (last_ && *files == files_ && !position.empty() && last_->position == position && last_->left_out == 0) {
            return *last_;
        }
        if (!root_.live()) return fail(errc::not_supported, "system_log: a recorded journal");
        auto const lib = sdjournal::library();
        if (!lib) return fail(lib.error(), "system_log");
        auto journal = sdjournal::Journal::open_system(**lib);
        if (!journal) return fail(journal.error(), "system_log");
        auto reading = journal->read(position, most, ::getpid());
        if (!reading) return fail(reading.error(), "system_log");
        files_ = *std::move(files);
        last_ = *reading;
        last_->records.clear();
        return reading;
    }

private:
    /// The system's own files, without those of single users. permission_denied where none of them may be read.
    [[nodiscard]] Result<FileMarks> look() const
    {
        auto const machine = procfs::read_word(root_ / "/etc/machine-id");
        if (!machine) return fail(errc::not_supported, "system_log: this machine has no id, and so no journal");
        FileMarks files;
        bool readable = false;
        bool denied = false;
        for (auto const* const place : {"/run/log/journal/", "/var/log/journal/"}) {
            auto const folder = root_ / (place + *machine);
            auto const names = procfs::list_folder(folder);
            denied = denied || (!names && reason(names.error()) == to_string(errc::permission_denied));
            if (!names) continue;
            for (auto const& name : *names) {
                auto const path = fmt::format("{}/{}", folder, name);
                struct stat facts {
                };
                if (!name.starts_with("system") || ::stat(path.c_str(), &facts) != 0) continue;
                readable = readable || ::access(path.c_str(), R_OK) == 0;
                files[path] = {facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
            }
        }
        if (files.empty() && !denied) return fail(errc::not_supported, "system_log: no journal is kept");
        if (!readable) return fail(errc::permission_denied, "system_log: the journal is for others");
        return files;
    }

    Root root_;
    FileMarks files_;
    std::optional<LogReading> last_;
};

} // namespace

std::unique_ptr<SystemLog> make_system_log(Root const& root) { return std::make_unique<LinuxSystemLog>(root); }

} // namespace rollcall::platform
