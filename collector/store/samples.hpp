#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

/// The samples of one reading as a compact blob (format 1, described in README.md). Pure.
namespace rollcall::store
{

[[nodiscard]] std::string encode_samples(std::vector<wire::Sample> const& samples);
/// errc::corrupt where the bytes are not what encode_samples made; safe on any bytes.
[[nodiscard]] Result<std::vector<wire::Sample>> decode_samples(std::string_view bytes);

} // namespace rollcall::store
