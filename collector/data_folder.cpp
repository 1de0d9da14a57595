#include "collector/data_folder.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/net/tls.hpp"

namespace rollcall::collector
{

namespace fs = std::filesystem;

static Error data_fault(fs::path const& path, std::string_view what, std::string_view remedy, errc code)
{
    return fail(code, "Data folder " + path.string() + ": " + std::string(what) + " " + std::string(remedy));
}

static Error from_errno(fs::path const& path, int number)
{
    if (number == EACCES || number == EPERM || number == EROFS)
        return data_fault(path, "it cannot be written.",
                          "Give the collector's user the right, or choose another one with --data.",
                          errc::permission_denied);
    if (number == ENOSPC || number == EDQUOT)
        return data_fault(path, "there is no space left on its disk.", "Free some, or choose another one with --data.",
                          errc::limit_exceeded);
    if (number == ENOTDIR || number == EEXIST)
        return data_fault(path, "it is no folder.", "Choose another one with --data.", errc::bad_input);
    return data_fault(path, std::generic_category().message(number) + ".", "Choose another one with --data.", errc::io);
}

static Result<> space_of(fs::path const& path)
{
    std::error_code failure;
    auto const space = fs::space(path, failure);
    if (failure) return from_errno(path, failure.value());
    if (space.available >= min_free_bytes) return {};
    return data_fault(path, "fewer than " + std::to_string(min_free_bytes / 1024 / 1024) + " MiB are free on its disk.",
                      "Free some, or choose another one with --data.", errc::limit_exceeded);
}

DataFolder::DataFolder(fs::path path, int lock)
    : path_(std::move(path))
    , lock_(lock)
{
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_))
    , lock_(std::exchange(other.lock_, -1))
{
}

DataFolder::~DataFolder()
{
    if (lock_ >= 0) ::close(lock_);
}

Result<DataFolder> DataFolder::open(fs::path const& path)
{
    std::error_code failure;
    auto const absolute = fs::absolute(path, failure);
    if (failure || path.empty())
        return data_fault(path, "this is no path.", "Name a folder with --data.", errc::bad_input);
    // The space is looked at where the folder is or will be, before anything is made.
    auto place = absolute;
    while (!fs::exists(place, failure) && place.has_relative_path())
        place = place.parent_path();
    if (auto const enough = space_of(place); !enough) return enough.error();
    bool made = false;
    if (!fs::exists(absolute, failure)) {
        fs::create_directories(absolute.parent_path(), failure);
        if (failure) return from_errno(path, failure.value());
        if (::mkdir(absolute.c_str(), 0700) != 0) return from_errno(path, errno);
        made = true;
    }
    if (!fs::is_directory(absolute, failure)) return from_errno(path, ENOTDIR);
    auto const lock = ::open((absolute / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        auto const number = errno;
        if (made) ::rmdir(absolute.c_str());
        return from_errno(path, number);
    }
    DataFolder folder(absolute, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
        return data_fault(path, "another collector uses it.", "Stop that one, or choose another folder with --data.",
                          errc::conflict);
    if (::access(absolute.c_str(), W_OK | X_OK) != 0) return from_errno(path, errno);
    return folder;
}

Result<DataFolder> DataFolder::visit(fs::path const& path)
{
    std::error_code failure;
    auto const absolute = fs::absolute(path, failure);
    DataFolder folder(absolute, -1);
    if (failure || !fs::exists(folder.database(), failure)) {
        if (failure) return from_errno(path, failure.value());
        return data_fault(path, "no collector has used it.", "Start 'rollcall-collector serve --data' with it first.",
                          errc::not_found);
    }
    if (::access(folder.database().c_str(), R_OK | W_OK) != 0) return from_errno(path, errno);
    return folder;
}

Result<> DataFolder::check_space() const { return space_of(path_); }

static constexpr auto address_file = "address";

Result<> DataFolder::note_address(std::string_view address) const
{
    auto const target = path_ / address_file;
    auto const fresh = path_ / "address.new";
    {
        std::ofstream stream(fresh, std::ios::binary | std::ios::trunc);
        stream << address << '\n';
        stream.flush();
        if (!stream) return from_errno(path_, errno);
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) return from_errno(path_, errno);
    return {};
}

Result<std::string> DataFolder::address() const
{
    std::ifstream stream(path_ / address_file);
    std::string line;
    if (!std::getline(stream, line) || line.empty())
        return data_fault(path_, "the collector has not noted its address there.",
                          "Start 'rollcall-collector serve' once.", errc::not_found);
    return line;
}

Result<std::string> DataFolder::ca_fingerprint() const
{
    std::ifstream stream(path_ / "ca.pem", std::ios::binary);
    std::string const pem{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (pem.empty())
        return data_fault(path_, "ca.pem cannot be read.",
                          "Start 'rollcall-collector serve' once, and run this as its user.", errc::not_found);
    auto const certificate = net::certificate_from_pem(pem);
    if (!certificate) return fail(certificate.error(), "Data folder: ca.pem");
    return net::fingerprint(**certificate);
}

} // namespace rollcall::collector
