#include "platform/files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <windows.h>

#include <fmt/format.h>

#include "platform/paths.hpp"
#include "platform/windows/clock.hpp"
#include "platform/windows/drives.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/listed_files.hpp"
#include "platform/windows/listed_path.hpp"
#include "platform/windows/long_path.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::size_t list_bytes = 64UL * 1024;
constexpr std::size_t most_paths = 100;

Result<std::string> read_list(std::string const& path)
{
    auto const place = long_path(path);
    if (!place) return place.error();
    Handle const file(::CreateFileW(place->c_str(), GENERIC_READ,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING, 0,
                                    nullptr));
    if (!file) return fail_windows(::GetLastError(), path);
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        DWORD got = 0;
        if (::ReadFile(file.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &got, nullptr) == FALSE)
            return fail_windows(::GetLastError(), path);
        if (got == 0) return text;
        text.append(buffer.data(), std::min<std::size_t>(got, buffer.size()));
        if (text.size() > list_bytes)
            return fail(errc::limit_exceeded, fmt::format("{}: larger than {} bytes", path, list_bytes));
    }
}

/// What stands in a folder of a file. `tag` is why it is not simply a file or folder (IO_REPARSE_TAG_...).
struct FolderEntry {
    DWORD attributes{};
    std::uint64_t modified{};
    std::uint64_t size{};
    DWORD tag{};
};

std::uint64_t joined(DWORD high, DWORD low) { return (std::uint64_t{high} << 32) | low; }

/// INVALID_HANDLE_VALUE is a macro with a cast of C.
bool is_search(HANDLE search) { return reinterpret_cast<LONG_PTR>(search) != -1; }

/// Nothing is opened: neither would a sleeping archive be fetched, nor a link followed to another machine.
Result<FolderEntry> ask_entry(std::wstring const& path, std::string_view shown)
{
    WIN32_FILE_ATTRIBUTE_DATA facts{};
    auto error = ::GetFileAttributesExW(path.c_str(), GetFileExInfoStandard, &facts) != FALSE ? DWORD{ERROR_SUCCESS}
                                                                                              : ::GetLastError();
    FolderEntry entry{.attributes = facts.dwFileAttributes,
                      .modified = joined(facts.ftLastWriteTime.dwHighDateTime, facts.ftLastWriteTime.dwLowDateTime),
                      .size = joined(facts.nFileSizeHigh, facts.nFileSizeLow)};
    bool const is_link = error == ERROR_SUCCESS && (facts.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    // What nobody may open (pagefile.sys) is in its folder all the same.
    if (error == ERROR_SHARING_VIOLATION || is_link) {
        WIN32_FIND_DATAW found{};
        auto* const search = ::FindFirstFileW(path.c_str(), &found);
        bool const seen = is_search(search);
        if (!seen && !is_link) error = ::GetLastError();
        if (seen) {
            ::FindClose(search);
            error = ERROR_SUCCESS;
            entry = {.attributes = found.dwFileAttributes,
                     .modified = joined(found.ftLastWriteTime.dwHighDateTime, found.ftLastWriteTime.dwLowDateTime),
                     .size = joined(found.nFileSizeHigh, found.nFileSizeLow),
                     .tag = is_link ? found.dwReserved0 : 0};
        }
    }
    // A file stands where a folder should: nothing can be below it.
    if (error == ERROR_DIRECTORY) error = ERROR_PATH_NOT_FOUND;
    if (error != ERROR_SUCCESS) return fail_windows(error, fmt::format("files: {}", shown));
    return entry;
}

Result<std::int64_t> modified_of(std::uint64_t file_time)
{
    /// The end of the year 9999: later is no time, but a damaged file system.
    static constexpr std::int64_t last_ms = 253'402'300'799'999;
    auto const time_ms = unix_ms(file_time);
    if (time_ms < 0 || time_ms > last_ms) return fail(errc::bad_message, "files: time of modification");
    return time_ms;
}

void set_unknown(ListedFile& file, Error const& why)
{
    file.kind = why;
    file.size_bytes = why;
    file.modified_ms = why;
}

bool is_link_tag(DWORD tag) { return tag == IO_REPARSE_TAG_SYMLINK || tag == IO_REPARSE_TAG_MOUNT_POINT; }

ListedFile look_at(std::string const& path)
{
    ListedFile file;
    file.path = path;
    auto const checked = check_listed_path(path);
    auto const drive = utf16(path.substr(0, 2)) + L'\\';
    if (!checked || ::GetDriveTypeW(drive.c_str()) == DRIVE_REMOTE) {
        auto const why =
            checked ? fail(errc::bad_input, fmt::format("files: {}: on another machine", path)) : checked.error();
        file.exists = why;
        set_unknown(file, why);
        return file;
    }
    auto const place = long_path(path);
    auto const entry = place ? ask_entry(*place, path) : Result<FolderEntry>(place.error());
    if (!entry) {
        if (entry.error().code == errc::not_found)
            file.exists = false;
        else
            file.exists = entry.error();
        set_unknown(file, entry.error());
        return file;
    }
    file.exists = true;
    bool const folder = (entry->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    // A link is told as what it is. Other marks (a file kept in a cloud, or without its duplicates) change nothing.
    bool const link = is_link_tag(entry->tag);
    file.kind = link ? "other" : folder ? "folder" : "file";
    if (link || folder)
        file.size_bytes = fail(errc::not_supported, "files: only a file has a size");
    else if (entry->size > INT64_MAX)
        file.size_bytes = fail(errc::bad_message, "files: size");
    else
        file.size_bytes = static_cast<std::int64_t>(entry->size);
    file.modified_ms = modified_of(entry->modified);
    return file;
}

class WindowsFiles final : public Files
{
public:
    explicit WindowsFiles(std::string list_file)
        : list_file_(std::move(list_file))
    {
    }

    [[nodiscard]] Result<std::vector<ListedFile>> list() const override
    {
        auto place = list_file_;
        if (place.empty()) {
            auto const paths = system_paths("rollcall-agent");
            if (!paths) return fail(paths.error(), "files");
            place = paths->config_dir + R"(\files)";
        }
        auto const text = read_list(place);
        if (!text && reason(text.error()) == to_string(errc::not_found)) return std::vector<ListedFile>{};
        if (!text) return fail(text.error(), "files");
        auto const paths = listed_paths(*text);
        if (paths.size() > most_paths)
            return fail(errc::limit_exceeded,
                        fmt::format("files: {} names {} paths: leave at most {}", place, paths.size(), most_paths));
        // A card reader without a card would ask for one.
        NoDialogs const quiet;
        std::vector<ListedFile> found;
        found.reserve(paths.size());
        for (auto const& path : paths)
            found.push_back(look_at(path));
        return found;
    }

private:
    std::string list_file_; ///< Empty: in the agent's folder for settings.
};

} // namespace

std::unique_ptr<Files> make_listed_files(std::string list_file)
{
    return std::make_unique<WindowsFiles>(std::move(list_file));
}

std::unique_ptr<Files> make_files(Root const& /*root*/) { return make_listed_files({}); }

} // namespace rollcall::platform
