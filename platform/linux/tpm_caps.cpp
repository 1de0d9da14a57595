#include "platform/linux/tpm_caps.hpp"

#include <charconv>
#include <cstdint>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

/// "0x49465800" is "IFX": four letters, those missing are NUL.
static Fact<std::string> letters_of(std::string_view number)
{
    static constexpr std::string_view prefix = "0x";
    std::uint32_t value = 0;
    if (!number.starts_with(prefix)) return fail(errc::bad_message, "tpm: manufacturer");
    number.remove_prefix(prefix.size());
    auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), value, 16);
    if (error != std::errc{} || end != number.data() + number.size())
        return fail(errc::bad_message, "tpm: manufacturer");
    std::string letters;
    for (int shift = 24; shift >= 0; shift -= 8)
        if (auto const c = static_cast<char>(value >> shift); c > ' ' && c < 0x7F) letters += c;
    if (letters.empty()) return fail(errc::not_found, "tpm: manufacturer");
    return letters;
}

Tpm parse_tpm_caps(std::string_view text)
{
    Tpm tpm;
    tpm.version = fail(errc::not_found, "tpm: caps");
    tpm.manufacturer = fail(errc::not_found, "tpm: caps");
    tpm.firmware_version = fail(errc::not_found, "tpm: caps");
    for (auto const line : procfs::lines(text)) {
        auto const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto const name = procfs::trim(line.substr(0, colon));
        auto const value = procfs::trim(line.substr(colon + 1));
        if (value.empty()) continue;
        if (name == "Manufacturer") tpm.manufacturer = letters_of(value);
        if (name == "TCG version") tpm.version = std::string(value);
        if (name == "Firmware version") tpm.firmware_version = std::string(value);
    }
    return tpm;
}

} // namespace rollcall::platform
