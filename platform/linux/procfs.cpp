#include "platform/linux/procfs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace rollcall::platform::procfs
{

Result<std::string> read_file(std::string const& path, std::size_t limit)
{
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return fail_errno(errno, path);
    std::string content;
    std::array<char, 16384> buffer{};
    for (;;) {
        auto const got = ::read(file, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int const error = errno;
            ::close(file);
            return fail_errno(error, path);
        }
        if (got == 0) break;
        if (content.size() + static_cast<std::size_t>(got) > limit) {
            ::close(file);
            return fail(errc::limit_exceeded, fmt::format("{}: larger than {} bytes", path, limit));
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(file);
    return content;
}

Result<std::string> read_word(std::string const& path)
{
    auto content = read_file(path);
    if (!content) return content;
    auto const word = trim(*content);
    if (word.empty()) return fail(errc::not_found, path + ": empty");
    return std::string(word);
}

Result<std::int64_t> read_integer(std::string const& path)
{
    auto const word = read_word(path);
    if (!word) return word.error();
    auto const number = to_integer(*word);
    if (!number) return fail(errc::bad_message, path + ": not a number");
    return *number;
}

Result<std::vector<std::string>> list_folder(std::string const& path)
{
    DIR* const folder = ::opendir(path.c_str());
    if (folder == nullptr) return fail_errno(errno, path);
    std::vector<std::string> names;
    while (auto const* const entry = ::readdir(folder)) {
        std::string_view const name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> read_link(std::string const& path)
{
    std::array<char, PATH_MAX> buffer{};
    auto const size = ::readlink(path.c_str(), buffer.data(), buffer.size());
    if (size < 0) return fail_errno(errno, path);
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

Result<std::string> real_path(std::string const& path)
{
    std::unique_ptr<char, decltype(&std::free)> const real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) return fail_errno(errno, path);
    return std::string(real.get());
}

bool exists(std::string const& path)
{
    struct stat facts {
    };
    return ::stat(path.c_str(), &facts) == 0;
}

std::string_view trim(std::string_view text)
{
    static constexpr std::string_view blank = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> lines(std::string_view text)
{
    std::vector<std::string_view> found;
    while (!text.empty()) {
        auto const end = text.find('\n');
        found.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return found;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    for (;;) {
        auto const first = text.find_first_not_of(" \t");
        if (first == std::string_view::npos) return found;
        text.remove_prefix(first);
        auto const end = text.find_first_of(" \t");
        found.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return found;
        text.remove_prefix(end);
    }
}

template <class T>
static std::optional<T> parse(std::string_view text)
{
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> to_number(std::string_view text) { return parse<std::uint64_t>(text); }
std::optional<std::int64_t> to_integer(std::string_view text) { return parse<std::int64_t>(text); }
std::optional<double> to_real(std::string_view text) { return parse<double>(text); }

std::map<std::string, std::string, std::less<>> assignments(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> found;
    for (auto const line : lines(text)) {
        auto const clean = trim(line);
        auto const equals = clean.find('=');
        if (clean.empty() || clean.front() == '#' || equals == std::string_view::npos || equals == 0) continue;
        auto raw = clean.substr(equals + 1);
        char quote = 0;
        if (raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'') && raw.back() == raw.front()) {
            quote = raw.front();
            raw = raw.substr(1, raw.size() - 2);
        }
        std::string value;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] == '\\' && quote != '\'' && i + 1 < raw.size()) ++i;
            value += raw[i];
        }
        found.insert_or_assign(std::string(clean.substr(0, equals)), std::move(value));
    }
    return found;
}

} // namespace rollcall::platform::procfs
