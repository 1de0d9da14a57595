#pragma once

#include <optional>

#include "common/wire/messages.hpp"

namespace rollcall::spool
{

/// Two changes of one probe that follow each other, as one; nothing where they do not fit together.
/// Pure: the sequence of the result is the newer one's.
[[nodiscard]] std::optional<wire::State> merge(wire::State const& older, wire::State const& newer);

} // namespace rollcall::spool
