#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

/// The word that lets a machine become a device, on its way from a person or an installer to the service that enrols.
namespace rollcall::agent
{

/// A token is one word; a file that holds much more is another file.
inline constexpr std::size_t token_bytes = 16UL * 1024;

/// The first line, without the blanks around it. errc::bad_input where that is nothing, or longer than any token.
[[nodiscard]] Result<std::string> read_token(std::istream& from);
/// errc::not_found; errc::permission_denied.
[[nodiscard]] Result<std::string> read_token_file(std::filesystem::path const& file);

/// The token with another address to reach the collector at: "host:port" or "https://host[:port]". Whom it trusts
/// there stays as it was. errc::bad_input names which of the two is wrong.
[[nodiscard]] Result<std::string> readdress_token(std::string_view token, std::string_view server);

/// Leaves it where a service finds it (await_identity), in a folder that is ours alone. One that lies there is
/// replaced.
[[nodiscard]] Result<> leave_token(std::filesystem::path const& file, std::string_view token);
/// Overwrites and removes it; one that is not there is no error.
[[nodiscard]] Result<> destroy_token(std::filesystem::path const& file);

} // namespace rollcall::agent
