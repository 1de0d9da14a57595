#include "collector/backup.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "collector/access/keys.hpp"
#include "collector/data_folder.hpp"
#include "collector/store/copy.hpp"
#include "collector/view/api/json.hpp"
#include "common/core/file_digest.hpp"
#include "common/core/ids.hpp"
#include "common/core/version.hpp"
#include "common/net/tls.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::collector
{

namespace fs = std::filesystem;

/// What the manifest of this program looks like; another number needs another program.
static constexpr std::int64_t manifest_format = 1;
static constexpr auto manifest_name = "manifest.json";

struct ManifestFile {
    std::string name;
    std::int64_t bytes = 0;
    std::string sha256;
};
BOOST_DESCRIBE_STRUCT(ManifestFile, (), (name, bytes, sha256))

struct ManifestTable {
    std::string name;
    std::int64_t rows = 0;
};
BOOST_DESCRIBE_STRUCT(ManifestTable, (), (name, rows))

struct Manifest {
    std::int64_t format = manifest_format;
    std::string made_by; ///< Program and version, for people.
    UnixMs taken_ms = 0;
    std::int64_t schema = 0;
    std::vector<ManifestFile> files;
    std::vector<ManifestTable> tables;
};
BOOST_DESCRIBE_STRUCT(Manifest, (), (format, made_by, taken_ms, schema, files, tables))

static Error backup_fault(errc code, fs::path const& backup, std::string_view what)
{
    return fail(code, fmt::format("Backup {}: {}", backup.string(), what));
}

static Error backup_fault(Error const& inner, fs::path const& backup, std::string_view remedy)
{
    return {inner.code, fmt::format("Backup {}: {}. {}", backup.string(), inner.trace, remedy)};
}

static Result<ManifestFile> describe(fs::path const& path)
{
    std::error_code failure;
    auto const bytes = fs::file_size(path, failure);
    if (failure) return fail(errc::io, path.filename().string() + ": " + failure.message());
    auto hash = sha256_of_file(path);
    if (!hash) return hash.error();
    return ManifestFile{
        .name = path.filename().string(), .bytes = static_cast<std::int64_t>(bytes), .sha256 = *std::move(hash)};
}

/// Key and certificate are two files, and a start may replace the server's between two copies.
static Result<> check_pair(fs::path const& folder, std::string const& name)
{
    auto const key_pem = platform::read_secret_file((folder / (name + ".key")).string());
    if (!key_pem) return key_pem.error();
    auto const certificate_pem = platform::read_secret_file((folder / (name + ".pem")).string());
    if (!certificate_pem) return certificate_pem.error();
    auto const key = net::key_from_pem(*key_pem);
    if (!key) return fail(key.error(), name + ".key");
    auto const certificate = net::certificate_from_pem(*certificate_pem);
    if (!certificate) return fail(certificate.error(), name + ".pem");
    if (X509_check_private_key(certificate->get(), key->get()) == 1) return {};
    ERR_clear_error();
    return fail(errc::corrupt, fmt::format("{0}.pem does not belong to {0}.key", name));
}

static Result<> check_pairs(fs::path const& folder)
{
    for (auto const* const name : {"ca", "server"})
        if (auto fits = check_pair(folder, name); !fits) return fits;
    return {};
}

static Backup summary(Manifest const& manifest)
{
    Backup backup{.taken_ms = manifest.taken_ms, .schema = static_cast<int>(manifest.schema), .rows = 0, .bytes = 0};
    for (auto const& table : manifest.tables)
        backup.rows += table.rows;
    for (auto const& file : manifest.files)
        backup.bytes += file.bytes;
    return backup;
}

std::string to_string(Backup const& backup)
{
    return fmt::format("taken {:%Y-%m-%dT%H:%M:%SZ}, schema {}, {} rows, {} bytes",
                       fmt::gmtime(static_cast<std::time_t>(backup.taken_ms / 1000)), backup.schema, backup.rows,
                       backup.bytes);
}

/// Small files, which keys are, are written as secrets, so they are whole, on the disk and their owner's alone.
static Result<> copy_small_file(fs::path const& from, fs::path const& to, char const* name)
{
    auto const content = platform::read_secret_file((from / name).string());
    if (!content) return content.error();
    if (auto const written = platform::write_secret_file((to / name).string(), *content); !written)
        return fail(written.error(), name);
    return {};
}

/// All of them; of those that older folders do not have, the ones that there are.
static Result<> copy_small_files(fs::path const& from, fs::path const& to)
{
    for (auto const* const name : DataFolder::small_files)
        if (auto copied = copy_small_file(from, to, name); !copied) return copied;
    for (auto const* const name : DataFolder::access_files) {
        std::error_code failure;
        bool const missing = !fs::exists(from / name, failure) && !failure;
        if (missing) continue;
        if (auto copied = copy_small_file(from, to, name); !copied) return copied;
    }
    return {};
}

static Result<Backup> fill_backup(DataFolder const& data, fs::path const& target, UnixMs now)
{
    if (auto const copied = copy_small_files(data.path(), target); !copied) return copied.error();
    if (auto const fits = check_pairs(target); !fits) return fits.error();
    auto const database = target / data.database().filename();
    if (auto const copied = store::copy_database(data.database(), database); !copied) return copied.error();
    auto const contents = store::examine_database(database);
    if (!contents) return contents.error();

    Manifest manifest{.made_by = "rollcall-collector " + std::string(version()),
                      .taken_ms = now,
                      .schema = contents->schema,
                      .files = {},
                      .tables = {}};
    std::vector<std::string> names(DataFolder::small_files.begin(), DataFolder::small_files.end());
    for (auto const* const name : DataFolder::access_files) {
        std::error_code failure;
        if (fs::exists(target / name, failure))
            names.emplace_back(name);
        else if (contents->schema >= DataFolder::access_files_since)
            return fail(errc::not_found, std::string(name) + " is missing in the data folder");
    }
    names.push_back(database.filename().string());
    for (auto const& name : names) {
        auto described = describe(target / name);
        if (!described) return described.error();
        manifest.files.push_back(*std::move(described));
    }
    for (auto const& [name, rows] : contents->rows)
        manifest.tables.push_back({.name = name, .rows = rows});
    auto const text = boost::json::serialize(api::to_json(manifest));
    if (auto const written = platform::write_secret_file((target / manifest_name).string(), text); !written)
        return written.error();
    return summary(manifest);
}

/// What the copy will take, and a little more.
static Result<> check_room(DataFolder const& data, fs::path const& target)
{
    static constexpr std::uintmax_t spare_bytes = 1024UL * 1024;
    std::error_code failure;
    auto wanted = spare_bytes;
    for (auto const* const ending : {"", "-wal"})
        if (auto const size = fs::file_size(data.database().string() + ending, failure); !failure) wanted += size;
    auto const space = fs::space(target, failure);
    if (failure || space.available >= wanted) return {};
    return fail(errc::limit_exceeded,
                fmt::format("it needs {} bytes, and only {} are free there", wanted, space.available));
}

Result<Backup> back_up(fs::path const& data, fs::path const& target, Clock const& clock)
{
    static constexpr auto remedy = "Nothing was left there; free some space, or choose another new folder";
    auto const folder = DataFolder::visit(data);
    if (!folder) return folder.error();
    std::error_code failure;
    auto const absolute = fs::weakly_canonical(fs::absolute(target, failure), failure);
    if (target.empty() || failure) return backup_fault(errc::bad_input, target, "this is no path. Name a new folder");
    if (fs::exists(absolute, failure))
        return backup_fault(errc::conflict, target, "it is there already. Choose the name of a new folder");
    bool const made = fs::create_directory(absolute, failure);
    if (!made)
        return backup_fault(errc::permission_denied, target,
                            fmt::format("it cannot be made ({}). Choose a folder that this user may make",
                                        failure ? failure.message() : "somebody else did"));
    auto filled = [&]() -> Result<Backup> {
        fs::permissions(absolute, fs::perms::owner_all, failure);
        if (failure) return fail(errc::io, failure.message());
        if (auto const enough = check_room(*folder, absolute); !enough) return enough.error();
        return fill_backup(*folder, absolute, clock.now_ms());
    }();
    if (filled) return filled;
    fs::remove_all(absolute, failure);
    return backup_fault(filled.error(), target, remedy);
}

static Result<Manifest> read_manifest(fs::path const& backup)
{
    auto const text = platform::read_secret_file((backup / manifest_name).string());
    if (!text && reason(text.error()) == to_string(errc::not_found))
        return fail(errc::corrupt, "manifest.json is missing: this is no backup, or one that was not finished. Take "
                                   "another one");
    if (!text) return text.error();
    boost::system::error_code failed;
    auto const json = boost::json::parse(*text, failed);
    auto const* const object = failed ? nullptr : json.if_object();
    if (object == nullptr) return fail(errc::corrupt, "manifest.json is damaged. Take another one");
    auto const* const format = object->if_contains("format");
    if (format != nullptr && format->is_int64() && format->get_int64() > manifest_format)
        return fail(errc::conflict, fmt::format("it has format {}, this program knows {}. Use the version that made it",
                                                format->get_int64(), manifest_format));
    Manifest manifest;
    if (auto const bad = api::from_json(json, manifest))
        return fail(errc::corrupt,
                    fmt::format("manifest.json is damaged: {} {}. Take another one", bad->field, bad->expected));
    return manifest;
}

/// The named files are the ones that belong to a backup, and are as they were written.
static Result<> check_files(fs::path const& backup, Manifest const& manifest)
{
    std::vector<std::string> wanted(DataFolder::small_files.begin(), DataFolder::small_files.end());
    for (auto const* const file : DataFolder::access_files) {
        std::string const name = file;
        std::error_code failure;
        if (manifest.schema >= DataFolder::access_files_since ||
            std::ranges::find(manifest.files, name, &ManifestFile::name) != manifest.files.end())
            wanted.push_back(name);
        else if (fs::exists(backup / name, failure))
            return fail(errc::corrupt, name + " does not belong there");
    }
    wanted.emplace_back(DataFolder::database_file);
    for (auto const& name : wanted) {
        auto const listed = std::ranges::find(manifest.files, name, &ManifestFile::name);
        if (listed == manifest.files.end()) return fail(errc::corrupt, "manifest.json does not name " + name);
        std::error_code failure;
        if (!fs::is_regular_file(backup / name, failure)) return fail(errc::corrupt, name + " is missing");
        auto const found = describe(backup / name);
        if (!found) return found.error();
        if (found->bytes != listed->bytes)
            return fail(errc::corrupt,
                        fmt::format("{} has {} bytes, not {} as it was written", name, found->bytes, listed->bytes));
        if (found->sha256 != listed->sha256) return fail(errc::corrupt, name + " is not as it was written");
    }
    // SQLite would take them for changes that are to be made first.
    for (auto const* const ending : {"-wal", "-shm", "-journal"}) {
        auto const name = std::string(DataFolder::database_file) + ending;
        std::error_code failure;
        if (fs::exists(backup / name, failure)) return fail(errc::corrupt, name + " does not belong there");
    }
    return {};
}

static Result<> check_contents(Manifest const& manifest, store::Contents const& contents)
{
    if (contents.schema != manifest.schema)
        return fail(errc::corrupt, fmt::format("the database has schema {}, not {} as manifest.json says",
                                               contents.schema, manifest.schema));
    if (contents.rows.size() != manifest.tables.size())
        return fail(errc::corrupt, fmt::format("the database has {} tables, not {} as manifest.json says",
                                               contents.rows.size(), manifest.tables.size()));
    for (auto const& table : manifest.tables) {
        auto const found = contents.rows.find(table.name);
        if (found == contents.rows.end())
            return fail(errc::corrupt, fmt::format("the database has no table {}", table.name));
        if (found->second != table.rows)
            return fail(errc::corrupt, fmt::format("{} has {} rows, not {} as manifest.json says", table.name,
                                                   found->second, table.rows));
    }
    return {};
}

static Result<Manifest> check_backup(fs::path const& backup)
{
    std::error_code failure;
    if (!fs::is_directory(backup, failure)) return fail(errc::not_found, "there is no such folder");
    auto manifest = read_manifest(backup);
    if (!manifest) return manifest.error();
    if (auto const whole = check_files(backup, *manifest); !whole) return whole.error();
    if (auto const fits = check_pairs(backup); !fits) return fits.error();
    auto const contents = store::examine_database(backup / DataFolder::database_file);
    if (!contents) return contents.error();
    if (auto const same = check_contents(*manifest, *contents); !same) return same.error();
    return manifest;
}

Result<Backup> verify_backup(fs::path const& backup)
{
    auto const manifest = check_backup(backup);
    if (!manifest) return backup_fault(manifest.error(), backup, "Do not rely on it");
    return summary(*manifest);
}

static Error restore_fault(errc code, fs::path const& data, std::string_view what)
{
    return fail(code, fmt::format("Data folder {}: {}", data.string(), what));
}

static Error restore_fault(Error const& inner, fs::path const& data, std::string_view remedy)
{
    return {inner.code, fmt::format("Data folder {}: {}. {}", data.string(), inner.trace, remedy)};
}

static Result<> fill_data(fs::path const& backup, Manifest const& manifest, DataFolder const& folder)
{
    if (auto const copied = copy_small_files(backup, folder.path()); !copied) return copied.error();
    if (auto const copied = store::copy_database(backup / DataFolder::database_file, folder.database()); !copied)
        return copied.error();
    // The copy is another file, so its hash says nothing: what it holds is compared.
    auto const contents = store::examine_database(folder.database());
    if (!contents) return contents.error();
    return check_contents(manifest, *contents);
}

/// Makes a data folder of what `fill` puts into it, or nothing.
static Result<> make_data(fs::path const& data, std::function<Result<>(DataFolder const&)> const& fill)
{
    std::error_code failure;
    bool const existed = fs::exists(data, failure);
    // Whoever uses it is told first: emptying it would be the wrong advice.
    if (fs::exists(data / DataFolder::lock_file, failure))
        if (auto const used = DataFolder::open(data); !used) return used.error();
    if (existed && fs::is_directory(data, failure) && !fs::is_empty(data, failure))
        return restore_fault(
            errc::conflict, data,
            "it is not empty. Choose an empty or a new folder with --data, or move away what is in it.");
    auto folder = DataFolder::open(data);
    if (!folder) return folder.error();
    // Looked at again under the lock: somebody may have come in between.
    auto const only_the_lock = [](fs::directory_entry const& entry) {
        return entry.path().filename() == DataFolder::lock_file;
    };
    if (!std::ranges::all_of(fs::directory_iterator(folder->path()), only_the_lock))
        return restore_fault(errc::conflict, data, "it is not empty any more. Choose another folder with --data.");
    auto restored = folder->begin_restore();
    if (restored) restored = fill(*folder);
    if (restored) restored = folder->end_restore();
    if (restored) return {};

    folder->clear();
    if (!existed) fs::remove(folder->path(), failure);
    auto const& why = restored.error();
    return restore_fault(why, data, "Nothing was restored; free some space, or choose another folder with --data.");
}

Result<Backup> restore_backup(fs::path const& backup, fs::path const& data)
{
    auto const manifest = check_backup(backup);
    if (!manifest) return backup_fault(manifest.error(), backup, "Nothing was restored");
    auto const fill = [&](DataFolder const& folder) { return fill_data(backup, *manifest, folder); };
    if (auto const made = make_data(data, fill); !made) return made.error();
    return summary(*manifest);
}

std::string to_string(Salvaged const& salvaged)
{
    std::string lines;
    for (auto const& [table, saved] : salvaged.tables)
        lines += fmt::format("{}{}: {} rows{}{}", lines.empty() ? "" : "\n", table, saved.rows,
                             saved.whole ? "" : ", others are lost",
                             saved.made == 0 ? "" : fmt::format(", {} made in the place of lost ones", saved.made));
    return lines;
}

Result<Salvaged> salvage(fs::path const& damaged, fs::path const& data, Clock const& clock)
{
    std::error_code failure;
    if (!fs::exists(damaged / DataFolder::database_file, failure))
        return restore_fault(errc::not_found, damaged, "there is no database in it. Name the folder that is damaged.");
    // It may lie on a disk that cannot be written any more: only who uses it is in the way.
    if (auto const used = DataFolder::open(damaged); !used && used.error().code == errc::conflict) return used.error();
    Salvaged salvaged;
    auto const fill = [&](DataFolder const& folder) -> Result<> {
        if (auto const copied = copy_small_files(damaged, folder.path()); !copied) return copied.error();
        if (auto const keys = access::Keys::open(folder.path(), true); !keys) return keys.error();
        if (auto const fits = check_pairs(folder.path()); !fits) return fits.error();
        auto saved = store::salvage_database(damaged / DataFolder::database_file, folder.database(), clock.now_ms());
        if (!saved) return saved.error();
        salvaged.tables = *std::move(saved);
        return {};
    };
    if (auto const made = make_data(data, fill); !made) return made.error();
    return salvaged;
}

} // namespace rollcall::collector
