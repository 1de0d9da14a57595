#include "collector/store/samples.hpp"

#include <bit>
#include <cstdint>
#include <utility>

namespace rollcall::store
{

namespace
{

constexpr char format_1 = 1;

constexpr char tag_unknown = 0;
constexpr char tag_integer = 1;
constexpr char tag_real = 2;
constexpr char tag_false = 3;
constexpr char tag_true = 4;
constexpr char tag_text = 5;

void put_number(std::string& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7U)
        out += static_cast<char>((value & 0x7fU) | 0x80U);
    out += static_cast<char>(value);
}

void put_text(std::string& out, std::string_view text)
{
    put_number(out, text.size());
    out += text;
}

void put_value(std::string& out, Value const& value)
{
    if (auto const* const none = std::get_if<Unknown>(&value)) {
        out += tag_unknown;
        put_text(out, none->reason);
    } else if (auto const* const yes = std::get_if<bool>(&value)) {
        out += *yes ? tag_true : tag_false;
    } else if (auto const* const whole = std::get_if<std::int64_t>(&value)) {
        out += tag_integer;
        auto const raw = static_cast<std::uint64_t>(*whole);
        put_number(out, *whole < 0 ? ~(raw << 1U) : raw << 1U);
    } else if (auto const* const real = std::get_if<double>(&value)) {
        out += tag_real;
        auto const bits = std::bit_cast<std::uint64_t>(*real);
        for (unsigned i = 0; i < 8; ++i)
            out += static_cast<char>(bits >> (8U * i));
    } else {
        out += tag_text;
        put_text(out, std::get<std::string>(value));
    }
}

/// Reads from the front; once something does not fit, everything after it is refused too.
class Reader
{
public:
    explicit Reader(std::string_view bytes)
        : bytes_(bytes)
    {
    }
    [[nodiscard]] bool bad() const { return bad_; }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }

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
    Value value()
    {
        switch (byte()) {
        case tag_unknown:
            return Unknown{text()};
        case tag_integer: {
            auto const raw = number();
            return static_cast<std::int64_t>((raw >> 1U) ^ (~(raw & 1U) + 1U));
        }
        case tag_real: {
            std::uint64_t bits = 0;
            for (unsigned i = 0; i < 8; ++i)
                bits |= static_cast<std::uint64_t>(byte()) << (8U * i);
            return std::bit_cast<double>(bits);
        }
        case tag_false:
            return false;
        case tag_true:
            return true;
        case tag_text:
            return text();
        default:
            bad_ = true;
            return Unknown{};
        }
    }

private:
    std::string_view bytes_;
    bool bad_ = false;
};

} // namespace

std::string encode_samples(std::vector<wire::Sample> const& samples)
{
    std::string out;
    out += format_1;
    put_number(out, samples.size());
    for (auto const& sample : samples) {
        put_text(out, sample.key);
        put_number(out, sample.values.size());
        for (auto const& value : sample.values)
            put_value(out, value);
    }
    return out;
}

Result<std::vector<wire::Sample>> decode_samples(std::string_view bytes)
{
    Reader reader(bytes);
    if (reader.byte() != format_1) return fail(errc::corrupt, "samples: format");
    auto const lines = reader.count();
    std::vector<wire::Sample> samples;
    for (std::size_t i = 0; i < lines && !reader.bad(); ++i) {
        wire::Sample sample;
        sample.key = reader.text();
        auto const values = reader.count();
        for (std::size_t j = 0; j < values && !reader.bad(); ++j)
            sample.values.push_back(reader.value());
        samples.push_back(std::move(sample));
    }
    if (reader.bad() || !reader.at_end()) return fail(errc::corrupt, "samples");
    return samples;
}

} // namespace rollcall::store
