#include "platform/windows/tpm_answer.hpp"

#include <cstddef>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

constexpr std::uint64_t capability_properties = 0x06;
constexpr std::uint64_t property_manufacturer = 0x105;
constexpr std::uint64_t property_firmware_1 = 0x10B;

/// The module speaks big-endian.
std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t count)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = number << 8U | static_cast<unsigned char>(bytes[offset + i]);
    return number;
}

void append_big_endian(std::string& bytes, std::uint64_t number, std::size_t count)
{
    for (std::size_t i = count; i > 0; --i)
        bytes.push_back(static_cast<char>(number >> (8 * (i - 1)) & 0xFFU));
}

} // namespace

std::string tpm_properties_command()
{
    static constexpr std::uint64_t no_sessions = 0x8001;
    static constexpr std::uint64_t get_capability = 0x17A;
    static constexpr std::uint64_t command_bytes = 22;
    std::string command;
    append_big_endian(command, no_sessions, 2);
    append_big_endian(command, command_bytes, 4);
    append_big_endian(command, get_capability, 4);
    append_big_endian(command, capability_properties, 4);
    append_big_endian(command, property_manufacturer, 4);
    append_big_endian(command, property_firmware_1 - property_manufacturer + 1, 4);
    return command;
}

Result<TpmProperties> parse_tpm_properties(std::string_view answer)
{
    static constexpr std::size_t code_place = 6;
    static constexpr std::size_t head_bytes = 19; ///< Up to the number of properties, and with it.
    static constexpr std::size_t property_bytes = 8;
    if (answer.size() < code_place + 4) return fail(errc::bad_message, "tpm: an answer that breaks off");
    if (auto const code = big_endian(answer, code_place, 4); code != 0)
        return fail(errc::io, fmt::format("tpm: it answers with {:#x}", code));
    if (answer.size() < head_bytes || big_endian(answer, 11, 4) != capability_properties)
        return fail(errc::bad_message, "tpm: an answer to another question");
    auto const count = big_endian(answer, 15, 4);
    if (count > (answer.size() - head_bytes) / property_bytes)
        return fail(errc::bad_message, "tpm: an answer that breaks off");
    TpmProperties found;
    for (std::size_t i = 0; i < count; ++i) {
        auto const place = head_bytes + i * property_bytes;
        auto const property = big_endian(answer, place, 4);
        auto const value = big_endian(answer, place + 4, 4);
        if (property == property_manufacturer)
            for (auto const c : answer.substr(place + 4, 4))
                if (c > ' ' && c < 0x7F) found.manufacturer += c;
        if (property == property_firmware_1)
            found.firmware_version = fmt::format("{}.{}", value >> 16U, value & 0xFFFF);
    }
    return found;
}

} // namespace rollcall::platform
