#include "collector/view/live/history.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include <openssl/evp.h>

#include "common/core/ids.hpp"

namespace rollcall::live
{

static std::size_t names_of(view::Change const& change)
{
    auto names = change.places.size();
    for (auto const& [where, happened] : change.places)
        names += happened.devices.size();
    return names;
}

void History::add(view::Change change)
{
    // No message names more of them.
    for (auto& [where, happened] : change.places) {
        if (happened.devices.size() <= limits::live_devices) continue;
        happened.devices.clear();
        happened.all_devices = true;
    }
    ++last_;
    names_ += names_of(change);
    kept_.push_back(std::move(change));
    while (kept_.size() > limits::kept_changes || names_ > limits::kept_names) {
        names_ -= names_of(kept_.front());
        kept_.pop_front();
    }
}

bool History::after(std::uint64_t number, std::function<void(view::Change const&)> const& take) const
{
    if (number > last_ || last_ - number > kept_.size()) return false;
    for (auto at = kept_.size() - static_cast<std::size_t>(last_ - number); at < kept_.size(); ++at)
        take(kept_[at]);
    return true;
}

namespace
{

/// One block of AES-128: the number, something random, and a mark by which a foreign one is told.
struct Block {
    std::uint64_t number = 0;
    std::uint32_t salt = 0;
    std::uint32_t mark = 0;
};
static_assert(sizeof(Block) == 16);

constexpr std::uint32_t own_mark = 0x726f6c6c;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

/// nullopt where OpenSSL fails, which for one block it does for want of memory only.
std::optional<Block> crypt_block(std::array<unsigned char, 16> const& key, Block const& block, bool seals)
{
    std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> const context(EVP_CIPHER_CTX_new());
    std::array<unsigned char, sizeof(Block)> in{};
    std::array<unsigned char, sizeof(Block)> out{};
    std::memcpy(in.data(), &block, in.size());
    int size = 0;
    if (!context ||
        EVP_CipherInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr, seals ? 1 : 0) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
        EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) != 1 ||
        size != static_cast<int>(out.size()))
        return std::nullopt;
    Block made;
    std::memcpy(&made, out.data(), out.size());
    return made;
}

} // namespace

EventIds::EventIds() { random_bytes(key_); }

std::string EventIds::seal(std::uint64_t number) const
{
    std::array<unsigned char, 4> salt{};
    random_bytes(salt);
    Block block{.number = number, .mark = own_mark};
    std::memcpy(&block.salt, salt.data(), salt.size());
    auto const sealed = crypt_block(key_, block, true);
    if (!sealed) return {};
    std::string bytes(sizeof(Block), '\0');
    std::memcpy(bytes.data(), &*sealed, bytes.size());
    return base64url_encode(bytes);
}

std::optional<std::uint64_t> EventIds::open(std::string_view id) const
{
    bool ok = false;
    auto const bytes = base64url_decode(id, ok);
    if (!ok || bytes.size() != sizeof(Block)) return std::nullopt;
    Block sealed;
    std::memcpy(&sealed, bytes.data(), bytes.size());
    auto const block = crypt_block(key_, sealed, false);
    if (!block || block->mark != own_mark) return std::nullopt;
    return block->number;
}

} // namespace rollcall::live
