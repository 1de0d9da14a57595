#include "collector/pipeline/signing.hpp"

#include <fmt/format.h>

#include "collector/pipeline/session.hpp"

namespace rollcall::pipeline
{

wire::Refused not_signed(Error const& error, std::string_view field)
{
    if (error.code == errc::refused) return refuse_device("collector_clock", error.trace + ".");
    return refuse_device("message", fmt::format("{}: {}", field, error.trace));
}

} // namespace rollcall::pipeline
