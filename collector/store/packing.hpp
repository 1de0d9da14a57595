#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers and texts in few bytes, and a reader of them that is safe on any bytes: what the store's blobs are made of.
/// Pure.
namespace rollcall::store
{

/// LEB128.
inline void put_number(std::string& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7U)
        out += static_cast<char>((value & 0x7fU) | 0x80U);
    out += static_cast<char>(value);
}

/// Small numbers of either sign become small numbers.
[[nodiscard]] inline std::uint64_t zigzag(std::int64_t value)
{
    auto const raw = static_cast<std::uint64_t>(value);
    return value < 0 ? ~(raw << 1U) : raw << 1U;
}
[[nodiscard]] inline std::int64_t unzigzag(std::uint64_t raw)
{
    return static_cast<std::int64_t>((raw >> 1U) ^ (~(raw & 1U) + 1U));
}

inline void put_text(std::string& out, std::string_view text)
{
    put_number(out, text.size());
    out += text;
}

/// Reads from the front; once something does not fit, everything after it is refused too.
class Unpacker
{
public:
    explicit Unpacker(std::string_view bytes)
        : bytes_(bytes)
    {
    }
    [[nodiscard]] bool bad() const { return bad_; }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }
    /// For what only the caller can see to be wrong.
    void refuse() { bad_ = true; }

    std::uint8_t byte()
    {
        if (bytes_.empty()) bad_ = true;
        if (bad_) return 0;
        auto const value = static_cast<std::uint8_t>(bytes_[0]);
        bytes_.remove_prefix(1);
        return value;
    }
    std::uint64_t number()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            std::uint64_t const part = byte();
            if (shift == 63 && part > 1) bad_ = true;
            if (bad_) return 0;
            value |= (part & 0x7fU) << shift;
            if (part < 0x80) return value;
        }
        bad_ = true;
        return 0;
    }
    std::int64_t signed_number() { return unzigzag(number()); }
    /// A number of things that each take at least one byte, so a lie cannot make us reserve memory.
    std::size_t count()
    {
        auto const value = number();
        if (value > bytes_.size()) bad_ = true;
        return bad_ ? 0 : static_cast<std::size_t>(value);
    }
    std::string text()
    {
        auto const size = count();
        std::string value(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return value;
    }

private:
    std::string_view bytes_;
    bool bad_ = false;
};

} // namespace rollcall::store
