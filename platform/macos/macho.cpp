#include "platform/macos/macho.hpp"

#include <cstdint>

namespace rollcall::platform
{

namespace
{

enum class ByteOrder { big, little };

std::uint32_t head_number(std::string_view head, std::size_t at, ByteOrder order)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        auto const byte = static_cast<unsigned char>(head[at + (order == ByteOrder::big ? i : 3 - i)]);
        value = value << 8U | byte;
    }
    return value;
}

struct Processors {
    bool arm64{};
    bool x86_64{};
    bool i386{};
    void add(std::uint32_t type)
    {
        static constexpr std::uint32_t arm = 0x0100000C;   // CPU_TYPE_ARM64
        static constexpr std::uint32_t intel = 0x01000007; // CPU_TYPE_X86_64
        static constexpr std::uint32_t old_intel = 7;      // CPU_TYPE_I386
        arm64 = arm64 || type == arm;
        x86_64 = x86_64 || type == intel;
        i386 = i386 || type == old_intel;
    }
};

} // namespace

Result<std::string> macho_architecture(std::string_view head)
{
    static constexpr std::size_t smallest = 8;
    static constexpr std::uint32_t thin_64 = 0xFEEDFACF;
    static constexpr std::uint32_t thin_32 = 0xFEEDFACE;
    static constexpr std::uint32_t fat_32 = 0xCAFEBABE;
    static constexpr std::uint32_t fat_64 = 0xCAFEBABF;
    // Java's classes begin in the same way, with their version, which is larger.
    static constexpr std::uint32_t most_parts = 30;
    if (head.size() < smallest) return fail(errc::not_supported, "macho: too short");
    Processors found;
    auto const little = head_number(head, 0, ByteOrder::little);
    auto const big = head_number(head, 0, ByteOrder::big);
    if (little == thin_64 || little == thin_32) {
        found.add(head_number(head, 4, ByteOrder::little));
    } else if (big == fat_32 || big == fat_64) {
        auto const parts = head_number(head, 4, ByteOrder::big);
        std::size_t const part_bytes = big == fat_32 ? 20 : 32;
        if (parts <= most_parts)
            for (std::size_t at = smallest, i = 0; i < parts && at + 4 <= head.size(); ++i, at += part_bytes)
                found.add(head_number(head, at, ByteOrder::big));
    }
    if (found.arm64 && found.x86_64) return std::string("universal");
    if (found.arm64) return std::string("arm64");
    if (found.x86_64) return std::string("x86_64");
    if (found.i386) return std::string("i386");
    return fail(errc::not_supported, "macho: no program for a Mac that we know");
}

} // namespace rollcall::platform
