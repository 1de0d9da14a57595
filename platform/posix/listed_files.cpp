#include "platform/posix/listed_files.hpp"

#include <cerrno>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include "platform/posix/file.hpp"
#include "platform/texts.hpp"

namespace rollcall::platform::posix
{

namespace
{

constexpr std::size_t list_bytes = 64UL * 1024;
constexpr std::size_t most_paths = 100;
/// What a row's key may hold on the wire.
constexpr std::size_t path_bytes = 512;
/// The end of the year 9999: later is no time, but a damaged file system.
constexpr std::int64_t last_second = 253'402'300'799;

Result<std::int64_t> modified(struct stat const& facts)
{
    static constexpr std::int64_t ms_per_s = 1'000;
    static constexpr std::int64_t ns_per_ms = 1'000'000;
#ifdef __APPLE__
    auto const& time = facts.st_mtimespec;
#else
    auto const& time = facts.st_mtim;
#endif
    if (time.tv_sec < 0 || time.tv_sec > last_second) return fail(errc::bad_message, "files: time of modification");
    return time.tv_sec * ms_per_s + time.tv_nsec / ns_per_ms;
}

void not_known(ListedFile& file, Error const& why)
{
    file.kind = why;
    file.size_bytes = why;
    file.modified_ms = why;
}

ListedFile look(Root const& root, std::string_view path)
{
    ListedFile file;
    file.path = path;
    if (!path.starts_with('/') || path.size() > path_bytes) {
        auto const why = fail(errc::bad_input, fmt::format("files: {}: a line is an absolute path of at most {} bytes",
                                                           path.substr(0, path_bytes), path_bytes));
        file.exists = why;
        not_known(file, why);
        return file;
    }
    struct stat facts {
    };
    if (::stat((root / path).c_str(), &facts) != 0) {
        int const number = errno;
        auto const where = fmt::format("files: {}", path);
        // A file where a folder of the path should be: nothing can be below it.
        bool const gone = number == ENOENT || number == ENOTDIR;
        auto const why = gone ? fail(errc::not_found, where) : fail_errno(number, where);
        if (gone)
            file.exists = false;
        else
            file.exists = why;
        not_known(file, why);
        return file;
    }
    file.exists = true;
    file.kind = S_ISREG(facts.st_mode) ? "file" : S_ISDIR(facts.st_mode) ? "folder" : "other";
    if (S_ISREG(facts.st_mode))
        file.size_bytes = static_cast<std::int64_t>(facts.st_size);
    else
        // What a folder takes for its names says nothing of what is in it.
        file.size_bytes = fail(errc::not_supported, "files: only a file has a size");
    file.modified_ms = modified(facts);
    return file;
}

} // namespace

Result<std::vector<ListedFile>> look_at_listed_files(Root const& root, std::string_view list_file)
{
    auto const text = read_file(root / list_file, list_bytes);
    if (!text && reason(text.error()) == to_string(errc::not_found)) return std::vector<ListedFile>{};
    if (!text) return fail(text.error(), "files");
    std::set<std::string_view> paths;
    for (auto const line : texts::lines(*text)) {
        auto const path = texts::trim(line);
        if (!path.empty() && !path.starts_with('#')) paths.insert(path);
    }
    if (paths.size() > most_paths)
        return fail(errc::limit_exceeded,
                    fmt::format("files: {} names {} paths: leave at most {}", list_file, paths.size(), most_paths));
    std::vector<ListedFile> found;
    found.reserve(paths.size());
    for (auto const path : paths)
        found.push_back(look(root, path));
    return found;
}

} // namespace rollcall::platform::posix
