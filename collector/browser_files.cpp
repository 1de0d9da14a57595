#include "collector/browser_files.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace rollcall::collector
{

namespace fs = std::filesystem;

static Result<std::string> read_file(fs::path const& path, std::string_view key)
{
    auto const wrong = [&](errc code, std::string_view what) {
        return fail(code, fmt::format("{}: {}: {}", key, path.string(), what));
    };
    std::error_code failure;
    if (!fs::is_regular_file(path, failure)) return wrong(errc::not_found, "there is no such file");
    if (fs::file_size(path, failure) > BrowserFiles::file_bytes)
        return wrong(errc::limit_exceeded, fmt::format("is larger than {} bytes", BrowserFiles::file_bytes));
    std::ifstream stream(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) return wrong(errc::permission_denied, "cannot be read. Give the collector's user the right");
    return text;
}

BrowserFiles::Stamps BrowserFiles::stamps() const
{
    auto const look = [](fs::path const& path) -> std::optional<Stamp> {
        std::error_code failure;
        auto const written = fs::last_write_time(path, failure);
        if (failure) return std::nullopt;
        auto const bytes = fs::file_size(path, failure);
        if (failure) return std::nullopt;
        auto const rights = fs::status(path, failure).permissions();
        if (failure) return std::nullopt;
        return Stamp{.written = written, .bytes = bytes, .rights = rights};
    };
    return {look(certificate_), look(key_)};
}

Result<gateway::BrowserCertificate> BrowserFiles::read()
{
    // Before they are read: what changes meanwhile is seen next time.
    seen_ = stamps();
    auto chain = read_file(certificate_, "browser_certificate");
    if (!chain) return chain.error();
    auto key = read_file(key_, "browser_key");
    if (!key) return key.error();
    std::error_code failure;
    auto const rights = fs::status(key_, failure).permissions();
    if (!failure && (rights & fs::perms::others_read) != fs::perms::none)
        return fail(errc::refused, fmt::format("browser_key: {}: everybody can read it. Run chmod o-r {}, and replace "
                                               "the key if somebody did",
                                               key_.string(), key_.string()));
    gateway::BrowserCertificate certificate{.key_pem = *std::move(key), .chain_pem = *std::move(chain)};
    if (auto const end = gateway::ends_at(certificate); !end) return end.error();
    return certificate;
}

} // namespace rollcall::collector
