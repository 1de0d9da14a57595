#include "collector/updates/releases.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include "collector/updates/limits.hpp"
#include "common/core/file_digest.hpp"
#include "common/log/log.hpp"

namespace rollcall::updates
{

namespace
{

namespace fs = std::filesystem;

constexpr auto manifest_file = "manifest.json";
constexpr auto signature_file = "manifest.sig";
/// 88 letters and a line end; more is something else.
constexpr std::uintmax_t signature_bytes = 256;
/// Stays free on the disk when a release is copied in, since the database is on it, too.
constexpr std::uintmax_t free_bytes = 256UL * 1024 * 1024;

/// A regular file, and no link to one: links lead out of the folder.
Result<std::uintmax_t> size_of(fs::path const& path)
{
    std::error_code failure;
    auto const status = fs::symlink_status(path, failure);
    auto const name = path.filename().string();
    if (status.type() == fs::file_type::not_found) return fail(errc::not_found, name + " is missing");
    if (failure) return fail(errc::io, fmt::format("{}: {}", name, failure.message()));
    if (status.type() != fs::file_type::regular) return fail(errc::bad_input, name + " is no regular file");
    auto const size = fs::file_size(path, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", name, failure.message()));
    return size;
}

Result<std::string> read_small(fs::path const& path, std::uintmax_t limit)
{
    auto const size = size_of(path);
    if (!size) return size.error();
    auto const name = path.filename().string();
    if (*size > limit) return fail(errc::limit_exceeded, fmt::format("{} is larger than {} bytes", name, limit));
    std::ifstream stream(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) return fail(errc::io, name + " cannot be read");
    return text;
}

Result<std::string> digest_of(fs::path const& path, std::uintmax_t bytes, SeenFiles& seen)
{
    std::error_code failure;
    auto const changed = fs::last_write_time(path, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", path.filename().string(), failure.message()));
    auto const known = seen.find(path);
    if (known != seen.end() && known->second.bytes == bytes && known->second.changed == changed)
        return known->second.sha256;
    auto digest = sha256_of_file(path);
    if (digest) seen[path] = {.bytes = bytes, .changed = changed, .sha256 = *digest};
    return digest;
}

Result<> check_file(fs::path const& folder, release::File const& file, SeenFiles& seen)
{
    auto const size = size_of(folder / file.name);
    if (!size) return size.error();
    if (*size != static_cast<std::uintmax_t>(file.bytes))
        return fail(errc::corrupt,
                    fmt::format("{} has {} bytes, and the manifest says {}", file.name, *size, file.bytes));
    auto const digest = digest_of(folder / file.name, *size, seen);
    if (!digest) return digest.error();
    if (*digest != file.sha256)
        return fail(errc::corrupt, fmt::format("{} is not the file of the manifest: its SHA-256 differs", file.name));
    return {};
}

/// Makes what was written to a file or a folder survive a loss of power.
Result<> sync(fs::path const& path)
{
    int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bool const synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    auto const why = std::error_code(errno, std::generic_category()).message();
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return fail(errc::io, fmt::format("{}: {}", path.string(), why));
    return {};
}

Result<> copy_one(fs::path const& from, fs::path const& to)
{
    std::error_code failure;
    fs::copy_file(from, to, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", to.string(), failure.message()));
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read,
                    failure);
    return sync(to);
}

Error release_fault(fs::path const& folder, Error const& why, std::string_view remedy)
{
    return {why.code, fmt::format("Release {}: {}. {}", folder.string(), why.trace, remedy)};
}

/// Removes a folder that did not become a release.
class Unfinished
{
public:
    explicit Unfinished(fs::path path)
        : path_(std::move(path))
    {
    }
    ~Unfinished()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Unfinished(Unfinished const&) = delete;
    Unfinished& operator=(Unfinished const&) = delete;

private:
    fs::path path_;
};

Result<> copy_release(Release const& release, fs::path const& from, fs::path const& to)
{
    std::error_code failure;
    fs::remove_all(to, failure); // Of a copy that was cut off.
    if (!fs::create_directory(to, failure))
        return fail(errc::io, fmt::format("{}: {}", to.string(), failure.message()));
    for (auto const* const name : {manifest_file, signature_file})
        if (auto copied = copy_one(from / name, to / name); !copied) return copied;
    for (auto const& file : release.manifest.files)
        if (auto copied = copy_one(from / file.name, to / file.name); !copied) return copied;
    return sync(to);
}

std::string names_of(Shelf const& shelf)
{
    std::string names;
    for (auto const& release : shelf.releases)
        names.append(names.empty() ? "" : " ").append(to_string(release->version()));
    return names;
}

bool same(Shelf const& a, Shelf const& b)
{
    auto const equal = [](auto const& one, auto const& other) {
        return one->text == other->text && one->signature == other->signature && one->warning == other->warning;
    };
    return std::ranges::equal(a.releases, b.releases, equal) && a.broken == b.broken && a.unreadable == b.unreadable;
}

void tell_of(Shelf const& shelf)
{
    log::info("releases.looked", {{"whole", names_of(shelf)}, {"broken", shelf.broken.size()}});
    for (auto const& broken : shelf.broken)
        log::warning("releases.broken", {{"release", broken.name}, {"why", broken.why}});
    for (auto const& release : shelf.releases)
        if (!release->warning.empty())
            log::warning("releases.suspicious",
                         {{"release", to_string(release->version())}, {"why", release->warning}});
    if (!shelf.unreadable.empty()) log::warning("releases.unreadable", {{"why", shelf.unreadable}});
}

} // namespace

std::shared_ptr<Release const> Shelf::find(release::Version version) const
{
    auto const found =
        std::ranges::find_if(releases, [version](auto const& release) { return release->version() == version; });
    return found == releases.end() ? nullptr : *found;
}

fs::path Shelf::file(std::string_view sha256, std::string_view name) const
{
    for (auto const& release : releases)
        for (auto const& file : release->manifest.files)
            if (file.sha256 == sha256 && file.name == name) return release->folder / file.name;
    return {};
}

Result<Release> read_release(fs::path const& folder, std::string_view update_key, SeenFiles& seen)
{
    auto text = read_small(folder / manifest_file, release::limits::manifest_bytes);
    if (!text) return text.error();
    auto signature = read_small(folder / signature_file, signature_bytes);
    if (!signature) return signature.error();
    auto manifest = release::parse_manifest(*text);
    if (!manifest) return fail(manifest.error(), manifest_file);
    for (auto const& file : manifest->files)
        if (auto const whole = check_file(folder, file, seen); !whole) return whole.error();
    Release release{.manifest = *std::move(manifest),
                    .text = *std::move(text),
                    .signature = *std::move(signature),
                    .folder = folder,
                    .warning = {}};
    // Without a key nothing can be said. Devices look in any case, with the key of their own build.
    if (!update_key.empty())
        if (auto const verified = release::verify_signature(release.text, release.signature, update_key); !verified)
            release.warning = fmt::format("{}: {}", signature_file, verified.error().trace);
    return release;
}

Shelf read_shelf(fs::path const& folder, std::string_view update_key, SeenFiles& seen)
{
    Shelf shelf;
    std::error_code failure;
    if (fs::status(folder, failure).type() == fs::file_type::not_found) return shelf;
    std::vector<release::Version> versions;
    fs::directory_iterator entries(folder, failure);
    for (; !failure && entries != fs::directory_iterator(); entries.increment(failure)) {
        auto const name = entries->path().filename().string();
        if (name.starts_with('.')) continue; // Being copied in, or taken away.
        if (auto const version = release::parse_version(name))
            versions.push_back(*version);
        else
            shelf.broken.push_back({name, "its folder is not named by its version, as in 1.2.3"});
    }
    if (failure) shelf.unreadable = fmt::format("{}: {}", folder.string(), failure.message());
    std::ranges::sort(versions, std::greater<>());
    for (auto const version : versions) {
        auto const name = to_string(version);
        if (shelf.releases.size() >= limits::releases) {
            shelf.broken.push_back(
                {name, fmt::format("there are more than {} releases: remove some", limits::releases)});
            continue;
        }
        auto read = read_release(folder / name, update_key, seen);
        if (!read)
            shelf.broken.push_back({name, read.error().trace});
        else if (read->version() != version)
            shelf.broken.push_back({name, fmt::format("its manifest is of version {}", to_string(read->version()))});
        else
            shelf.releases.push_back(std::make_shared<Release const>(*std::move(read)));
    }
    std::ranges::sort(shelf.broken, {}, &BrokenRelease::name);
    return shelf;
}

Result<release::Version> add_release(fs::path const& from, fs::path const& releases, std::string_view update_key)
{
    SeenFiles seen;
    auto const release = read_release(from, update_key, seen);
    if (!release)
        return release_fault(from, release.error(), "Name the folder that the maker of the release gave you, whole.");
    if (!release->warning.empty())
        return release_fault(from, fail(errc::unauthenticated, release->warning),
                             "Devices of this build would refuse it: ask its maker.");
    auto const name = to_string(release->version());
    auto const target = releases / name;
    std::error_code failure;
    if (fs::exists(target, failure))
        return fail(errc::conflict, fmt::format("Release {}: there is one already, in {}. Take it out first: "
                                                "rollcall-collector remove-release {}",
                                                name, target.string(), name));
    fs::create_directories(releases, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", releases.string(), failure.message()));
    std::uintmax_t bytes = 0;
    for (auto const& file : release->manifest.files)
        bytes += static_cast<std::uintmax_t>(file.bytes);
    if (auto const space = fs::space(releases, failure); !failure && space.available < bytes + free_bytes)
        return fail(errc::limit_exceeded,
                    fmt::format("{}: the release has {} MiB, and {} MiB are free; {} MiB must stay so. Make room",
                                releases.string(), bytes >> 20U, space.available >> 20U, free_bytes >> 20U));

    auto const making = releases / (".adding-" + name);
    Unfinished const unfinished(making);
    if (auto const copied = copy_release(*release, from, making); !copied) return copied.error();
    // What lies there now is what counts.
    SeenFiles fresh;
    if (auto const copy = read_release(making, update_key, fresh); !copy)
        return release_fault(making, copy.error(), "It changed while it was copied; look at the disk.");
    fs::rename(making, target, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", target.string(), failure.message()));
    if (auto const kept = sync(releases); !kept) return kept.error();
    return release->version();
}

Result<> remove_release(std::string_view version, fs::path const& releases)
{
    auto const parsed = release::parse_version(version);
    if (!parsed) return fail(errc::bad_input, fmt::format("{}: is no version, as in 1.2.3", version));
    auto const target = releases / to_string(*parsed);
    auto const going = releases / (".removing-" + to_string(*parsed));
    std::error_code failure;
    fs::remove_all(going, failure);
    if (!fs::exists(target, failure))
        return fail(errc::not_found, fmt::format("Release {}: there is none in {}", version, releases.string()));
    fs::rename(target, going, failure);
    if (!failure) fs::remove_all(going, failure);
    if (failure) return fail(errc::io, fmt::format("{}: {}", target.string(), failure.message()));
    return {};
}

Releases::Releases(fs::path folder, std::string update_key, std::chrono::seconds look_every)
    : folder_(std::move(folder))
    , update_key_(std::move(update_key))
    , look_every_(look_every)
{
}

Releases::~Releases() { stop(); }

void Releases::listen(std::function<void(std::shared_ptr<Shelf const>)> changed) { changed_ = std::move(changed); }

void Releases::start()
{
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        do {
            lock.unlock();
            look();
            lock.lock();
        } while (!wake_.wait_for(lock, look_every_, [this] { return stopping_; }));
    });
}

void Releases::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Releases::look()
{
    std::lock_guard const one(looking_);
    auto fresh = std::make_shared<Shelf const>(read_shelf(folder_, update_key_, seen_));
    std::erase_if(seen_, [](auto const& file) {
        std::error_code failure;
        return !std::filesystem::exists(file.first, failure);
    });
    {
        std::lock_guard const lock(mutex_);
        if (same(*shelf_, *fresh)) return;
        shelf_ = fresh;
    }
    tell_of(*fresh);
    if (changed_) changed_(fresh);
}

std::shared_ptr<Shelf const> Releases::shelf() const
{
    std::lock_guard const lock(mutex_);
    return shelf_;
}

} // namespace rollcall::updates
