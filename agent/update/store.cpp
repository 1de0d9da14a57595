#include "agent/update/store.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "common/core/file_digest.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "platform/hand_over.hpp"
#include "platform/paths.hpp"
#include "platform/secret_file.hpp"

namespace fs = std::filesystem;
namespace json = boost::json;

namespace rollcall::update
{

static constexpr std::int64_t memory_format = 1;

static json::value version_json(std::optional<Version> const& version)
{
    if (!version) return nullptr;
    return json::value(to_string(*version));
}

std::string to_text(Memory const& memory)
{
    json::object out{{"format", memory_format},
                     {"active", version_json(memory.active)},
                     {"previous", version_json(memory.previous)},
                     {"highest", version_json(memory.highest)},
                     {"wanted", version_json(memory.wanted)},
                     {"trial", nullptr}};
    if (memory.trial)
        out["trial"] = json::object{{"version", to_string(memory.trial->version)},
                                    {"from", to_string(memory.trial->from)},
                                    {"manifest_sha256", memory.trial->manifest_sha256},
                                    {"attempts", memory.trial->attempts},
                                    {"since_ms", memory.trial->since_ms}};
    json::array failures;
    for (auto const& one : memory.failures)
        failures.push_back(json::object{{"version", to_string(one.version)},
                                        {"manifest_sha256", one.manifest_sha256},
                                        {"reason", one.reason},
                                        {"at_ms", one.at_ms}});
    json::array untold;
    for (auto const& one : memory.untold)
        untold.push_back(json::object{{"version", to_string(one.version)},
                                      {"from", to_string(one.from)},
                                      {"state", to_string(one.state)},
                                      {"reason", one.reason},
                                      {"at_ms", one.at_ms}});
    out["failures"] = std::move(failures);
    out["untold"] = std::move(untold);
    return json::serialize(out) + '\n';
}

static Version version_at(json::object const& object, std::string_view name)
{
    return release::parse_version(json::value_to<std::string>(object.at(name))).value();
}

static std::optional<Version> optional_at(json::object const& object, std::string_view name)
{
    if (object.at(name).is_null()) return std::nullopt;
    return version_at(object, name);
}

Result<Memory> memory_from_text(std::string_view text)
{
    // Boost.JSON's checked access throws, and so does value() of a result; here is where that becomes one.
    try {
        auto const parsed = json::parse(text);
        auto const& object = parsed.as_object();
        if (object.at("format").to_number<std::int64_t>() != memory_format)
            return fail(errc::corrupt, "update.json: of another version of this program");
        Memory memory;
        memory.active = optional_at(object, "active");
        memory.previous = optional_at(object, "previous");
        memory.highest = optional_at(object, "highest");
        memory.wanted = optional_at(object, "wanted");
        if (auto const* const trial = object.at("trial").if_object())
            memory.trial = Trial{.version = version_at(*trial, "version"),
                                 .from = version_at(*trial, "from"),
                                 .manifest_sha256 = json::value_to<std::string>(trial->at("manifest_sha256")),
                                 .attempts = trial->at("attempts").to_number<int>(),
                                 .since_ms = trial->at("since_ms").to_number<std::int64_t>()};
        for (auto const& item : object.at("failures").as_array()) {
            auto const& one = item.as_object();
            memory.failures.push_back({.version = version_at(one, "version"),
                                       .manifest_sha256 = json::value_to<std::string>(one.at("manifest_sha256")),
                                       .reason = json::value_to<std::string>(one.at("reason")),
                                       .at_ms = one.at("at_ms").to_number<std::int64_t>()});
        }
        for (auto const& item : object.at("untold").as_array()) {
            auto const& one = item.as_object();
            auto const state = state_of(json::value_to<std::string>(one.at("state")));
            if (!state) return fail(errc::corrupt, "update.json: a state that there is not");
            memory.untold.push_back({.version = version_at(one, "version"),
                                     .from = version_at(one, "from"),
                                     .state = *state,
                                     .reason = json::value_to<std::string>(one.at("reason")),
                                     .at_ms = one.at("at_ms").to_number<std::int64_t>()});
        }
        return memory;
    } catch (std::exception const& wrong) {
        return fail(errc::corrupt, fmt::format("update.json: {}", wrong.what()));
    }
}

Store::Store(fs::path folder, std::string key)
    : folder_(std::move(folder))
    , key_(std::move(key))
{
}

fs::path Store::folder_of(Version version) const { return folder_ / "programs" / to_string(version); }

/// Missing, or there and not to be read just now?
static Error not_readable(fs::path const& path)
{
    std::error_code unknown;
    if (!fs::exists(path, unknown) && !unknown) return fail(errc::not_found, path.string() + ": is not there");
    return fail(errc::io, path.string() + ": cannot be read");
}

static Result<std::string> read_file(fs::path const& path, std::size_t most)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_readable(path);
    std::string text(most + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) return not_readable(path);
    if (text.size() > most) return fail(errc::corrupt, fmt::format("{}: longer than {} bytes", path.string(), most));
    return text;
}

static Result<> write_file(fs::path const& path, std::string_view text)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return fail(errc::io, path.string() + ": cannot be written");
    return {};
}

/// Survives a loss of power: of a program without its manifest nobody knows whether it may run.
static Result<> keep_text(fs::path const& path, std::string_view text)
{
    auto part = path;
    part += ".part";
    if (auto done = write_file(part, text); !done) return done;
    return platform::keep_file(part.string(), path.string());
}

Result<Memory> Store::load() const
{
    auto const path = folder_ / "update.json";
    auto const text = platform::read_secret_file(path.string());
    if (!text) {
        std::error_code unknown;
        if (!fs::exists(path, unknown) && !unknown) return Memory{};
        return text.error();
    }
    return memory_from_text(*text);
}

Memory Store::load_or_forget() const
{
    auto memory = load();
    return memory ? *std::move(memory) : forget(memory.error());
}

/// What lies in a folder, as far as it can be listed.
static std::vector<fs::path> entries_of(fs::path const& folder)
{
    std::vector<fs::path> entries;
    std::error_code failed;
    // Not by a range-for, whose increment throws.
    for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator(); at.increment(failed))
        entries.push_back(at->path());
    return entries;
}

Memory Store::forget(Error const& why) const
{
    Memory left;
    for (auto const& entry : entries_of(folder_ / "programs")) {
        auto const version = release::parse_version(entry.filename().string());
        if (version && find(*version)) left.highest = std::max(left.highest.value_or(*version), *version);
    }
    log::error("update.forgotten",
               {{"error", why}, {"highest", left.highest ? to_string(*left.highest) : std::string()}});
    return left;
}

Result<> Store::save(Memory const& memory) const
{
    return platform::write_secret_file((folder_ / "update.json").string(), to_text(memory));
}

Result<Stored> Store::check(std::string_view manifest, std::string_view signature) const
{
    if (manifest.size() > release::limits::manifest_bytes)
        return fail(errc::limit_exceeded, "manifest: longer than a manifest may be");
    if (auto const signed_by = release::verify_signature(manifest, signature, key_); !signed_by)
        return signed_by.error();
    auto parsed = release::parse_manifest(manifest);
    if (!parsed) return parsed.error();
    auto const* const file =
        release::find_file(*parsed, "program", platform::system_name(), platform::architecture_name());
    if (file == nullptr)
        return fail(errc::not_found, fmt::format("release {} has no program for {} on {}", to_string(parsed->version),
                                                 platform::system_name(), platform::architecture_name()));
    Stored stored;
    stored.file = *file;
    stored.manifest_sha256 = sha256_hex(manifest);
    stored.program = folder_of(parsed->version) / file->name;
    stored.part = stored.program;
    stored.part += ".part";
    stored.manifest = *std::move(parsed);
    return stored;
}

Result<> Store::keep_manifest(Stored const& stored, std::string_view manifest, std::string_view signature) const
{
    auto const folder = stored.program.parent_path();
    for (auto const& one : {folder.parent_path(), folder})
        if (auto made = platform::make_own_folder(one.string()); !made) return made;
    if (auto may = platform::check_may_run(folder.string()); !may) return may;
    // What was fetched of another release of this version is not the beginning of this one.
    if (auto const before = find(stored.manifest.version);
        !before || before->manifest_sha256 != stored.manifest_sha256) {
        std::error_code ignored;
        fs::remove(stored.part, ignored);
    }
    if (auto room = check_space(stored); !room) return room;
    if (auto done = keep_text(folder / "manifest.json", manifest); !done) return done;
    return keep_text(folder / "manifest.sig", signature);
}

Result<Stored> Store::find(Version version) const
{
    static constexpr std::size_t signature_bytes = 256;
    auto const folder = folder_of(version);
    auto const manifest = read_file(folder / "manifest.json", release::limits::manifest_bytes);
    if (!manifest) return manifest.error();
    auto const signature = read_file(folder / "manifest.sig", signature_bytes);
    if (!signature) return signature.error();
    auto stored = check(*manifest, *signature);
    // A folder's name is nobody's signature.
    if (stored && stored->manifest.version != version)
        return fail(errc::corrupt, fmt::format("the manifest of {} lies in the folder of {}",
                                               to_string(stored->manifest.version), to_string(version)));
    return stored;
}

Result<> Store::check_space(Stored const& stored) const
{
    std::error_code unknown;
    auto const there = fs::file_size(stored.part, unknown);
    auto const total = static_cast<std::uint64_t>(stored.file.bytes);
    auto const missing = unknown || there > total ? total : total - there;
    auto const space = fs::space(folder_, unknown);
    if (unknown) return fail_errno(unknown.value(), folder_.string());
    if (space.available < missing + space_reserve_bytes)
        return fail(errc::limit_exceeded,
                    fmt::format("{}: {} bytes are free, {} are needed: make room, and the update goes on by itself",
                                folder_.string(), space.available, missing + space_reserve_bytes));
    return {};
}

static Result<> check_bytes(fs::path const& path, release::File const& file)
{
    std::error_code failed;
    auto const size = fs::file_size(path, failed);
    if (failed) return not_readable(path);
    if (size != static_cast<std::uint64_t>(file.bytes))
        return fail(errc::corrupt,
                    fmt::format("{}: {} bytes, the manifest says {}", path.filename().string(), size, file.bytes));
    auto const hash = sha256_of_file(path);
    if (!hash) return hash.error();
    if (!equal_constant_time(*hash, file.sha256))
        return fail(errc::corrupt,
                    fmt::format("{}: not what the manifest says: its SHA-256 is {}", path.filename().string(), *hash));
    return {};
}

Result<> Store::admit(Stored const& stored) const
{
    if (auto fits = check_bytes(stored.part, stored.file); !fits) {
        std::error_code ignored;
        fs::remove(stored.part, ignored);
        return fits;
    }
    return platform::keep_file(stored.part.string(), stored.program.string());
}

Result<Stored> Store::verified(Version version) const
{
    auto stored = find(version);
    if (!stored) return stored;
    if (auto const fits = check_bytes(stored->program, stored->file); !fits) return fits.error();
    return stored;
}

void Store::clean(Memory const& memory) const
{
    auto const wanted = kept(memory);
    for (auto const& entry : entries_of(folder_ / "programs")) {
        auto const version = release::parse_version(entry.filename().string());
        if (version && wanted.contains(*version)) continue;
        std::error_code ignored; // A program that runs cannot be deleted on every system: the next time it can.
        fs::remove_all(entry, ignored);
    }
}

bool Store::paused() const
{
    std::error_code unknown;
    return fs::exists(folder_ / "update.paused", unknown) || unknown;
}

Result<> Store::set_paused(bool paused) const
{
    auto const mark = folder_ / "update.paused";
    if (paused) return write_file(mark, "");
    std::error_code failed;
    fs::remove(mark, failed);
    if (failed) return fail_errno(failed.value(), mark.string());
    return {};
}

Result<> Store::ask_retry() const { return write_file(folder_ / "update.retry", ""); }

bool Store::take_retry() const
{
    std::error_code failed;
    return fs::remove(folder_ / "update.retry", failed) && !failed;
}

} // namespace rollcall::update
