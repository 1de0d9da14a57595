#pragma once

#include <filesystem>
#include <string>

#include "common/core/result.hpp"

namespace rollcall::client
{

/// Which collector a user works with, how it is known, and the token. One of `ca_pem` and `pin`, or neither: then the
/// system's certificate authorities vouch for it.
struct Settings {
    std::string address; ///< "https://rollcall.example:8443".
    std::string token;   ///< A secret.
    std::string ca_pem;
    std::string pin; ///< "sha256//...".
};

/// $XDG_CONFIG_HOME/rollcall/config.json, or below ~/.config. errc::not_found: there is no home.
[[nodiscard]] Result<std::filesystem::path> settings_file();

/// errc::unauthenticated: there are none, since nobody has logged in. errc::refused: others may read the file.
[[nodiscard]] Result<Settings> load(std::filesystem::path const& file);
/// Replaces the file as a whole; nobody else may read it at any moment.
Result<> save(std::filesystem::path const& file, Settings const& settings);

/// Of a file, or of `in` where it is "-". errc::limit_exceeded: it has more than `most` bytes.
[[nodiscard]] Result<std::string> read_all(std::string const& file, std::istream& in, std::size_t most);

} // namespace rollcall::client
