#include "collector/data_folder.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/sync/file_lock.hpp>

#include "common/net/tls.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::collector
{

namespace fs = std::filesystem;

static Error data_fault(fs::path const& path, std::string_view what, std::string_view remedy, errc code)
{
    return fail(code, "Data folder " + path.string() + ": " + std::string(what) + " " + std::string(remedy));
}

static Error from_errno(fs::path const& path, int number)
{
    if (number == EROFS)
        return data_fault(path, "its file system is read-only.",
                          "A disk that fails is made so: look at the system's log. Then mount it writable, or choose "
                          "another folder with --data.",
                          errc::permission_denied);
    // What is no real folder (as in /proc) says ENOENT to who makes something in it.
    if (number == EACCES || number == EPERM || number == ENOENT)
        return data_fault(path, "it cannot be written.",
                          "Give the collector's user the right, or choose another one with --data.",
                          errc::permission_denied);
    if (number == ENOSPC || number == EDQUOT)
        return data_fault(path, "there is no space left on its disk.", "Free some, or choose another one with --data.",
                          errc::limit_exceeded);
    if (number == EIO)
        return data_fault(path, "Input/output error: its disk fails.",
                          "Look at the system's log; mend the disk, or restore the last backup on another one.",
                          errc::io);
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

namespace
{

/// Folders that this very process holds: the system's file locks know processes only.
class Held
{
public:
    bool take(fs::path const& path)
    {
        std::lock_guard const lock(mutex_);
        return paths_.insert(path).second;
    }
    void give_back(fs::path const& path)
    {
        std::lock_guard const lock(mutex_);
        paths_.erase(path);
    }

private:
    std::mutex mutex_;
    std::set<fs::path> paths_;
};

Held& held()
{
    static Held folders;
    return folders;
}

/// What a start has made so far, and takes away again unless it is kept.
class Made
{
public:
    Made() = default;
    ~Made()
    {
        std::error_code ignored;
        for (auto path = paths_.rbegin(); path != paths_.rend(); ++path)
            fs::remove(*path, ignored);
    }
    Made(Made const&) = delete;
    Made& operator=(Made const&) = delete;
    void add(fs::path path) { paths_.push_back(std::move(path)); }
    void keep() { paths_.clear(); }

private:
    std::vector<fs::path> paths_;
};

} // namespace

/// Makes the folder and those above it; the folder itself for its owner only.
static Result<> make_folder(fs::path const& path, Made& made)
{
    std::error_code failure;
    std::vector<fs::path> missing;
    for (auto place = path; !fs::exists(place, failure) && place.has_relative_path(); place = place.parent_path())
        missing.push_back(place);
    for (auto place = missing.rbegin(); place != missing.rend(); ++place) {
        fs::create_directory(*place, failure);
        if (failure) return from_errno(path, failure.value());
        made.add(*place);
    }
    if (!missing.empty()) fs::permissions(path, fs::perms::owner_all, failure);
    if (failure) return from_errno(path, failure.value());
    if (!fs::is_directory(path, failure)) return from_errno(path, ENOTDIR);
    return {};
}

/// Tried, since rights, read-only disks and folders that are no files at all differ in what they say beforehand.
static Result<> try_to_write(fs::path const& path)
{
    auto const trial = path / "write-test";
    errno = 0;
    bool const written = std::ofstream(trial, std::ios::binary | std::ios::trunc).is_open();
    auto const number = errno;
    std::error_code ignored;
    fs::remove(trial, ignored);
    if (written) return {};
    return from_errno(path, number);
}

/// Lies in a folder for as long as a restore fills it.
static constexpr auto restoring_file = "restore-unfinished";

static Result<> check_restored(fs::path const& path)
{
    std::error_code unknown;
    if (!fs::exists(path / restoring_file, unknown)) return {};
    return data_fault(path, "a restore into it was not finished.", "Delete what is in it, and restore once more.",
                      errc::corrupt);
}

/// The system's lock on the folder, for as long as this lives.
struct DataFolder::Lock {
    explicit Lock(fs::path folder)
        : path(std::move(folder))
        , file((path / lock_file).c_str())
    {
    }
    ~Lock() { held().give_back(path); }
    Lock(Lock const&) = delete;
    Lock& operator=(Lock const&) = delete;

    fs::path path;
    boost::interprocess::file_lock file;
};

DataFolder::DataFolder(fs::path path, std::unique_ptr<Lock> lock)
    : path_(std::move(path))
    , lock_(std::move(lock))
{
}

DataFolder::DataFolder(DataFolder&&) noexcept = default;
DataFolder::~DataFolder() = default;

Result<DataFolder> DataFolder::open(fs::path const& path)
{
    std::error_code failure;
    auto const absolute = fs::weakly_canonical(fs::absolute(path, failure), failure);
    if (path.empty()) return data_fault(path, "this is no path.", "Name a folder with --data.", errc::bad_input);
    if (failure) return from_errno(path, failure.value());
    Made made;
    if (auto const there = make_folder(absolute, made); !there) return there.error();
    if (auto const able = try_to_write(absolute); !able) return able.error();
    if (auto const enough = space_of(absolute); !enough) return enough.error();
    if (!fs::exists(absolute / lock_file, failure)) {
        std::ofstream(absolute / lock_file, std::ios::binary).flush();
        made.add(absolute / lock_file);
    }
    auto const taken = [&] {
        return data_fault(path, "another collector uses it.", "Stop that one, or choose another folder with --data.",
                          errc::conflict);
    };
    if (!held().take(absolute)) return taken();
    std::unique_ptr<Lock> lock;
    try {
        lock = std::make_unique<Lock>(absolute);
        if (!lock->file.try_lock()) return taken();
    } catch (boost::interprocess::interprocess_exception const& error) {
        if (!lock) held().give_back(absolute);
        return from_errno(path, error.get_native_error());
    }
    if (auto const whole = check_restored(absolute); !whole) return whole.error();
    made.keep();
    return DataFolder(absolute, std::move(lock));
}

Result<DataFolder> DataFolder::visit(fs::path const& path)
{
    std::error_code failure;
    auto const absolute = fs::absolute(path, failure);
    DataFolder folder(absolute, nullptr);
    if (auto const whole = check_restored(absolute); !whole) return whole.error();
    if (failure || !fs::exists(folder.database(), failure)) {
        if (failure) return from_errno(path, failure.value());
        return data_fault(path, "no collector has used it.", "Start 'rollcall-collector serve --data' with it first.",
                          errc::not_found);
    }
    errno = 0;
    if (!std::fstream(folder.database(), std::ios::in | std::ios::out | std::ios::binary))
        return from_errno(path, errno);
    return folder;
}

Result<> DataFolder::check_space() const { return space_of(path_); }

Result<> DataFolder::check_database() const
{
    // The first start makes the database before the keys.
    std::error_code missing;
    if (!fs::exists(path_ / "ca.key", missing)) return {};
    if (auto const size = fs::file_size(database(), missing); !missing && size > 0) return {};
    return data_fault(
        path_, std::string(database_file) + " is missing or empty, though the keys of its collector are there.",
        "Restore the last backup into a new folder; to begin without any device, choose an empty one.", errc::corrupt);
}

static constexpr auto address_file = "address";

/// Two lines: the address, the pin.
Result<> DataFolder::note_address(std::string_view address, std::string_view pin) const
{
    auto const noted = platform::write_secret_file((path_ / address_file).string(),
                                                   std::string(address).append("\n").append(pin).append("\n"));
    if (!noted) return from_errno(path_, noted.error().code.value());
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

Result<std::string> DataFolder::pin() const
{
    std::ifstream stream(path_ / address_file);
    std::string address;
    std::string line;
    if (!std::getline(stream, address) || !std::getline(stream, line) || line.empty())
        return data_fault(path_, "the collector has not noted there which key it shows.",
                          "Start 'rollcall-collector serve' of this version once.", errc::not_found);
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

Result<> DataFolder::begin_restore() const
{
    return platform::write_secret_file((path_ / restoring_file).string(), {});
}

Result<> DataFolder::end_restore() const
{
    std::error_code failure;
    fs::remove(path_ / restoring_file, failure);
    if (failure) return from_errno(path_, failure.value());
    return {};
}

void DataFolder::clear() const
{
    std::error_code ignored;
    for (auto const* const name : small_files)
        fs::remove(path_ / name, ignored);
    for (auto const* const name : access_files)
        fs::remove(path_ / name, ignored);
    for (auto const* const ending : {"", "-journal", "-wal", "-shm"})
        fs::remove(database().string() + ending, ignored);
    // Last, so that what is left half-way cannot be taken for a whole folder.
    fs::remove(path_ / restoring_file, ignored);
    fs::remove(path_ / lock_file, ignored);
}

} // namespace rollcall::collector
