#pragma once

#include <string>
#include <string_view>

namespace rollcall::api
{

/// What a person carries to the machine: where the collector is, whom to believe, the secret.
[[nodiscard]] std::string token_word(std::string_view public_address, std::string_view ca_sha256,
                                     std::string_view secret);

/// The line to paste on a machine that has the agent's package.
[[nodiscard]] std::string install_command(std::string_view word);

} // namespace rollcall::api
