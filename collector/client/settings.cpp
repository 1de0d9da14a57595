#include "collector/client/settings.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <istream>
#include <iterator>
#include <system_error>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/client/columns.hpp"
#include "collector/client/limits.hpp"

namespace rollcall::client
{

namespace fs = std::filesystem;
namespace json = boost::json;

Result<fs::path> settings_file()
{
    auto const variable = [](char const* name) {
        auto const* const value = std::getenv(name);
        return value == nullptr ? fs::path() : fs::path(value);
    };
    // A relative one is to be ignored (XDG Base Directory Specification).
    auto folder = variable("XDG_CONFIG_HOME");
    if (!folder.is_absolute()) {
        auto const home = variable("HOME");
        if (!home.is_absolute()) return fail(errc::not_found, "HOME is not set; set it, or XDG_CONFIG_HOME");
        folder = home / ".config";
    }
    return folder / "rollcall" / "config.json";
}

static Result<std::string> read_stream(std::istream& in, std::string const& name, std::size_t most)
{
    std::string text;
    std::array<char, 4096> piece{};
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > most) return fail(errc::limit_exceeded, fmt::format("{} has more than {} bytes", name, most));
    }
    if (in.bad()) return fail(errc::bad_input, name + " cannot be read");
    return text;
}

Result<std::string> read_all(std::string const& file, std::istream& in, std::size_t most)
{
    if (file == "-") return read_stream(in, "standard input", most);
    std::error_code failed;
    if (fs::is_directory(file, failed)) return fail(errc::bad_input, file + " is a folder");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(errc::bad_input, fmt::format("{}: {}", file, std::generic_category().message(errno)));
    return read_stream(stream, file, most);
}

Result<Settings> load(fs::path const& file)
{
    struct stat about {
    };
    if (::stat(file.c_str(), &about) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(errc::unauthenticated, "nobody has logged in; run 'rollcall login ADDRESS' first");
        return fail_errno(errno, file.string());
    }
    if (about.st_uid != ::geteuid() || (about.st_mode & 077U) != 0)
        return fail(errc::refused,
                    fmt::format("{0} holds a token and must be for you alone: run 'chmod 600 {0}' as its "
                                "owner",
                                file.string()));
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail_errno(errno, file.string());
    auto const text = read_stream(stream, file.string(), limits::small_file_bytes);
    if (!text) return text.error();
    boost::system::error_code failed;
    auto const read = json::parse(*text, failed);
    if (failed || !read.is_object())
        return fail(errc::corrupt, file.string() + " is damaged; run 'rollcall login ADDRESS' again");
    auto const& object = read.get_object();
    return Settings{.address = text_of(object, "address"),
                    .token = text_of(object, "token"),
                    .ca_pem = text_of(object, "ca_pem"),
                    .pin = text_of(object, "pin")};
}

static Result<> write_file(std::string const& file, std::string const& text)
{
    auto const descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return fail_errno(errno, file);
    std::size_t written = 0;
    while (written < text.size()) {
        auto const some = ::write(descriptor, text.data() + written, text.size() - written);
        if (some < 0 && errno == EINTR) continue;
        if (some < 0) break;
        written += static_cast<std::size_t>(some);
    }
    auto const number = written < text.size() || ::fsync(descriptor) != 0 ? errno : 0;
    ::close(descriptor);
    if (number != 0) return fail_errno(number, file);
    return {};
}

Result<> save(fs::path const& file, Settings const& settings)
{
    std::error_code failed;
    auto const folder = file.parent_path();
    fs::create_directories(folder, failed);
    if (failed) return fail(errc::bad_input, fmt::format("{}: {}", folder.string(), failed.message()));
    fs::permissions(folder, fs::perms::owner_all, failed);
    json::object const object{
        {"address", settings.address}, {"token", settings.token}, {"ca_pem", settings.ca_pem}, {"pin", settings.pin}};
    auto const fresh = file.string() + ".new";
    fs::remove(fresh, failed);
    if (auto const written = write_file(fresh, json::serialize(object) + "\n"); !written) return written.error();
    fs::rename(fresh, file, failed);
    if (failed) return fail(errc::bad_input, fmt::format("{}: {}", file.string(), failed.message()));
    return {};
}

} // namespace rollcall::client
