#include <array>
#include <bit>
#include <memory>

#include <openssl/evp.h>

#include "common/core/ids.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::wire
{

namespace
{

/// Feeds a hash with values that cannot be mistaken for each other: each has its kind and length in front.
class Feed
{
public:
    Feed()
        : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free)
    {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }
    void number(char kind, std::uint64_t value)
    {
        std::array<unsigned char, 9> bytes{static_cast<unsigned char>(kind)};
        for (unsigned i = 0; i < 8; ++i)
            bytes.at(i + 1) = static_cast<unsigned char>(value >> (8U * i));
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    }
    void text(char kind, std::string_view value)
    {
        number(kind, value.size());
        EVP_DigestUpdate(context_.get(), value.data(), value.size());
    }
    void value(Value const& cell)
    {
        std::visit(
            [&](auto const& one) {
                using T = std::decay_t<decltype(one)>;
                if constexpr (std::is_same_v<T, Unknown>)
                    text('u', one.reason);
                else if constexpr (std::is_same_v<T, bool>)
                    number('b', one ? 1 : 0);
                else if constexpr (std::is_same_v<T, std::int64_t>)
                    number('i', static_cast<std::uint64_t>(one));
                else if constexpr (std::is_same_v<T, double>)
                    number('d', std::bit_cast<std::uint64_t>(one));
                else
                    text('s', one);
            },
            cell);
    }
    [[nodiscard]] std::string end()
    {
        std::array<unsigned char, 32> out{};
        unsigned size = 0;
        EVP_DigestFinal_ex(context_.get(), out.data(), &size);
        return to_hex(std::span(out).first(16));
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

std::string digest(Snapshot const& snapshot)
{
    Feed feed;
    for (auto const& [key, row] : snapshot) {
        feed.text('r', key);
        for (auto const& [column, cell] : row) {
            feed.text('c', column);
            feed.value(cell);
        }
    }
    return feed.end();
}

} // namespace rollcall::wire
