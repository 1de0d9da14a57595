#include "common/release/manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "common/core/text.hpp"

namespace json = boost::json;

namespace rollcall::release
{

static constexpr std::int64_t format = 1;
static constexpr std::string_view product = "rollcall";
static constexpr std::size_t manifest_depth = 8;
static constexpr std::size_t shown_bytes = 64;
/// Year 9999, as wire::limits has it.
static constexpr std::int64_t latest_ms = 253'402'300'799'999;

std::string to_string(Version version)
{
    return fmt::format("{}.{}.{}", version.major_number, version.minor_number, version.patch_number);
}

Result<Version> parse_version(std::string_view text)
{
    Version version;
    auto rest = text;
    std::array<std::uint16_t*, 3> const numbers{&version.major_number, &version.minor_number, &version.patch_number};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto const word = rest.substr(0, rest.find('.'));
        auto const [end, failed] = std::from_chars(word.data(), word.data() + word.size(), *numbers.at(i));
        bool const whole = failed == std::errc() && end == word.data() + word.size();
        bool const last = i + 1 == numbers.size();
        if (!whole || (word.size() > 1 && word.front() == '0') || (word.size() == rest.size()) != last)
            return fail(errc::bad_input, fmt::format("{}: a version is MAJOR.MINOR.PATCH, numbers up to 65535",
                                                     clean_text(text, shown_bytes)));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    return version;
}

std::string_view to_string(Channel channel) { return channel == Channel::beta ? "beta" : "stable"; }

Result<Channel> parse_channel(std::string_view text)
{
    if (text == "stable") return Channel::stable;
    if (text == "beta") return Channel::beta;
    return fail(errc::bad_input, clean_text(text, shown_bytes) + ": a channel is stable or beta");
}

namespace
{

bool is_word(std::string_view text)
{
    static constexpr std::size_t longest = 16;
    return !text.empty() && text.size() <= longest &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

bool is_file_name(std::string_view text)
{
    return !text.empty() && text.size() <= limits::name_bytes && text.front() != '.' &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-") ==
               std::string_view::npos;
}

bool is_sha256(std::string_view text)
{
    static constexpr std::size_t digits = 64;
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Reads fields of one object; keeps the first thing that does not fit, with its place.
class Fields
{
public:
    Fields(json::object const& object, std::string at)
        : object_(object)
        , at_(std::move(at))
    {
    }

    std::string_view text(std::string_view name)
    {
        auto const* const value = find(name);
        if (value == nullptr) return {};
        if (value->is_string()) return value->get_string();
        misfit(name, "must be a text");
        return {};
    }
    std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most)
    {
        auto const* const value = find(name);
        if (value == nullptr) return least;
        if (value->is_int64() && value->get_int64() >= least && value->get_int64() <= most) return value->get_int64();
        misfit(name, fmt::format("must be a whole number from {} to {}", least, most));
        return least;
    }
    json::array const* array(std::string_view name, bool may_be_absent, std::size_t most)
    {
        auto const* const value = may_be_absent && !object_.contains(name) ? nullptr : find(name);
        if (value == nullptr) return nullptr;
        if (value->is_array() && value->get_array().size() <= most) return &value->get_array();
        misfit(name, fmt::format("must be an array of at most {}", most));
        return nullptr;
    }
    void require(bool fits, std::string_view name, std::string_view what)
    {
        if (!fits) misfit(name, what);
    }
    void misfit(std::string_view name, std::string_view what)
    {
        if (!problem_) problem_ = fail(errc::bad_message, fmt::format("{}.{}: {}", at_, name, what));
    }
    void refuse(Error why)
    {
        if (!problem_) problem_ = std::move(why);
    }
    [[nodiscard]] std::optional<Error> const& problem() const { return problem_; }
    [[nodiscard]] std::string below(std::string_view name, std::size_t index) const
    {
        return fmt::format("{}.{}.{}", at_, name, index);
    }

private:
    json::value const* find(std::string_view name)
    {
        auto const* const value = object_.if_contains(name);
        if (value == nullptr) misfit(name, "is missing");
        return value;
    }

    json::object const& object_;
    std::string at_;
    std::optional<Error> problem_;
};

/// Each item of an array of objects.
template <class Read>
void read_items(Fields& fields, std::string_view name, json::array const* items, Read const& read)
{
    if (items == nullptr) return;
    for (std::size_t i = 0; i < items->size() && !fields.problem(); ++i) {
        auto const* const object = (*items)[i].if_object();
        if (object == nullptr) return fields.misfit(name, "must hold objects");
        Fields item(*object, fields.below(name, i));
        read(item);
        if (item.problem()) fields.refuse(*item.problem());
    }
}

void read_waves(Fields& fields, Manifest& manifest)
{
    read_items(fields, "waves", fields.array("waves", true, limits::waves), [&](Fields& item) {
        static constexpr std::int64_t all_percent = 100;
        Wave const wave{.percent = item.number("percent", 1, all_percent),
                        .after_h = item.number("after_h", 0, limits::wave_hours)};
        if (!manifest.waves.empty()) {
            item.require(wave.percent > manifest.waves.back().percent, "percent", "must be more than the wave before");
            item.require(wave.after_h > manifest.waves.back().after_h, "after_h", "must be later than the wave before");
        }
        manifest.waves.push_back(wave);
    });
}

void read_files(Fields& fields, Manifest& manifest)
{
    std::set<std::string> names;
    std::set<std::tuple<std::string, std::string>> programs;
    read_items(fields, "files", fields.array("files", false, limits::files), [&](Fields& item) {
        File file{.name = std::string(item.text("name")),
                  .kind = std::string(item.text("kind")),
                  .system = std::string(item.text("system")),
                  .architecture = std::string(item.text("architecture")),
                  .bytes = item.number("bytes", 1, limits::file_bytes),
                  .sha256 = std::string(item.text("sha256"))};
        item.require(is_file_name(file.name), "name", "must be a file name of A-Z a-z 0-9 . _ + - without a path");
        item.require(is_word(file.kind), "kind", "must be a word of small letters");
        item.require(is_word(file.system), "system", "must be a word of small letters");
        item.require(is_word(file.architecture), "architecture", "must be a word of small letters");
        item.require(is_sha256(file.sha256), "sha256", "must be 64 small hexadecimal digits");
        item.require(names.insert(file.name).second, "name", "stands twice");
        if (file.kind == "program")
            item.require(programs.emplace(file.system, file.architecture).second, "kind",
                         "is a second program for the same system and architecture");
        manifest.files.push_back(std::move(file));
    });
}

} // namespace

Result<Manifest> parse_manifest(std::string_view text)
{
    if (text.size() > limits::manifest_bytes)
        return fail(errc::limit_exceeded, fmt::format("manifest: longer than {} bytes", limits::manifest_bytes));
    json::parse_options options;
    options.max_depth = manifest_depth;
    json::error_code failed;
    auto const value = json::parse(text, failed, json::storage_ptr(), options);
    if (failed) return fail(errc::bad_message, "manifest: not JSON: " + failed.message());
    auto const* const object = value.if_object();
    if (object == nullptr) return fail(errc::bad_message, "manifest: must be an object");

    Fields fields(*object, "manifest");
    auto const written = fields.number("format", 1, std::int64_t{1} << 30U);
    if (!fields.problem() && written != format)
        return fail(errc::not_supported,
                    fmt::format("manifest.format: {} is not known here, only {}", written, format));
    auto const made_for = fields.text("product");
    if (!fields.problem() && made_for != product)
        return fail(errc::not_supported,
                    fmt::format("manifest.product: {} is not {}", clean_text(made_for, shown_bytes), product));
    Manifest manifest;
    if (auto const version = parse_version(fields.text("version")))
        manifest.version = *version;
    else
        fields.misfit("version", version.error().trace);
    if (auto const channel = parse_channel(fields.text("channel")))
        manifest.channel = *channel;
    else
        fields.misfit("channel", channel.error().trace);
    manifest.released_ms = fields.number("released_ms", clock_never_set_ms, latest_ms);
    read_waves(fields, manifest);
    read_files(fields, manifest);
    if (fields.problem()) return *fields.problem();
    return manifest;
}

File const* find_file(Manifest const& manifest, std::string_view kind, std::string_view system,
                      std::string_view architecture)
{
    for (auto const wanted : {architecture, std::string_view("universal")})
        for (auto const& file : manifest.files)
            if (file.kind == kind && file.system == system && file.architecture == wanted) return &file;
    return nullptr;
}

/// Exactly `size` bytes in base64 (RFC 4648 §4) and nothing else; empty where it is not that.
static std::string decode_base64(std::string_view text, std::size_t size)
{
    static constexpr std::size_t group_bytes = 3;
    static constexpr std::size_t group_digits = 4;
    auto const groups = (size + group_bytes - 1) / group_bytes;
    if (text.size() != groups * group_digits) return {};
    auto const* const digits = reinterpret_cast<unsigned char const*>(text.data());
    std::string bytes(groups * group_bytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
    if (EVP_DecodeBlock(out, digits, static_cast<int>(text.size())) != static_cast<int>(bytes.size())) return {};
    bytes.resize(size);
    // OpenSSL overlooks blanks, wrong padding and bits that belong to no byte.
    std::string again(text.size() + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(again.data()),
                    reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(size));
    again.resize(text.size());
    return again == text ? bytes : std::string();
}

namespace
{

struct FreeEvp {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

} // namespace

Result<> verify_signature(std::string_view text, std::string_view signature_base64, std::string_view public_key_base64)
{
    static constexpr std::size_t key_bytes = 32; // RFC 8032 §5.1.5
    static constexpr std::size_t signature_bytes = 64;
    if (public_key_base64.empty())
        return fail(errc::not_supported, "signature: this build has no key for updates, so it takes none");
    auto const key = decode_base64(public_key_base64, key_bytes);
    if (key.empty()) return fail(errc::bad_input, "signature: the key is not 32 bytes in base64");
    if (signature_base64.ends_with('\n')) signature_base64.remove_suffix(1);
    if (signature_base64.ends_with('\r')) signature_base64.remove_suffix(1);
    auto const signature = decode_base64(signature_base64, signature_bytes);
    if (signature.empty()) return fail(errc::bad_input, "signature: is not 64 bytes in base64");

    auto const bytes = [](std::string_view of) { return reinterpret_cast<unsigned char const*>(of.data()); };
    std::unique_ptr<EVP_PKEY, FreeEvp> const raw(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(key), key.size()));
    std::unique_ptr<EVP_MD_CTX, FreeEvp> const context(EVP_MD_CTX_new());
    bool const ready = raw && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, raw.get()) == 1;
    bool const fits =
        ready && EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
    ERR_clear_error(); // A signature that does not fit leaves its mark on this thread.
    if (!ready) return fail(errc::not_supported, "signature: OpenSSL has no Ed25519");
    if (!fits) return fail(errc::unauthenticated, "signature: not by the key of this build");
    return {};
}

} // namespace rollcall::release
