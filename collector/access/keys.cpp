#include "collector/access/keys.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/core/ids.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::access
{

namespace
{

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

struct FreeSigning {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using SigningKey = std::unique_ptr<EVP_PKEY, FreeSigning>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreeSigning>;
constexpr std::size_t signature_bytes = 64;

constexpr std::size_t nonce_bytes = 12; // NIST SP 800-38D §8.2
constexpr std::size_t tag_bytes = 16;

unsigned char const* bytes_of(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

} // namespace

Keys::~Keys() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Keys Keys::make()
{
    Keys made;
    random_bytes(made.seed_);
    return made;
}

Result<Keys> Keys::open(std::filesystem::path const& folder, bool may_make)
{
    auto const path = (folder / file).string();
    auto text = platform::read_secret_file(path);
    if (!text && reason(text.error()) == to_string(errc::not_found)) {
        if (!may_make)
            return fail(errc::corrupt,
                        path + ": the collector's key is missing. After an upgrade start the collector once. Otherwise "
                               "put the file of the last backup in its place; without one 'rollcall-collector salvage' "
                               "makes a folder with another key, and every second step has to be set up anew");
        auto made = make();
        std::string const raw(reinterpret_cast<char const*>(made.seed_.data()), made.seed_.size());
        if (auto const kept = platform::write_secret_file(path, base64url_encode(raw) + "\n"); !kept)
            return fail(kept.error(), path);
        return made;
    }
    if (!text) return fail(text.error(), path);
    bool ok = false;
    auto const raw = base64url_decode(std::string_view(*text).substr(0, text->find('\n')), ok);
    if (!ok || raw.size() != seed_bytes)
        return fail(errc::corrupt, path + ": this is no key of the collector's. Put the file of the last backup in "
                                          "its place; without it every second step has to be set up anew");
    Keys made;
    std::copy(raw.begin(), raw.end(), made.seed_.begin());
    return made;
}

std::array<unsigned char, 32> Keys::derived(std::string_view use) const
{
    std::array<unsigned char, 32> key{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), seed_.data(), static_cast<int>(seed_.size()), bytes_of(use), use.size(), key.data(),
             &size) == nullptr)
        std::abort();
    return key;
}

std::string Keys::seal(std::string_view plain, std::string_view about) const
{
    auto key = derived("seal");
    std::string nonce(nonce_bytes, '\0');
    random_bytes({bytes_of(nonce), nonce.size()});
    std::string cipher(plain.size(), '\0');
    std::string tag(tag_bytes, '\0');
    Cipher const context(EVP_CIPHER_CTX_new());
    int size = 0;
    bool const done =
        context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(nonce)) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(about), static_cast<int>(about.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), bytes_of(cipher), &size, bytes_of(plain), static_cast<int>(plain.size())) ==
            1 &&
        EVP_EncryptFinal_ex(context.get(), bytes_of(cipher) + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    // Only want of memory is left to go wrong.
    if (!done) std::abort();
    return base64url_encode(nonce + cipher + tag);
}

Result<std::string> Keys::unseal(std::string_view sealed, std::string_view about) const
{
    bool ok = false;
    auto const raw = base64url_decode(sealed, ok);
    if (!ok || raw.size() < nonce_bytes + tag_bytes) return fail(errc::corrupt, "unseal: it is not sealed");
    auto const nonce = raw.substr(0, nonce_bytes);
    auto const cipher = raw.substr(nonce_bytes, raw.size() - nonce_bytes - tag_bytes);
    auto tag = raw.substr(raw.size() - tag_bytes);
    auto key = derived("seal");
    std::string plain(cipher.size(), '\0');
    Cipher const context(EVP_CIPHER_CTX_new());
    int size = 0;
    bool const done =
        context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(about), static_cast<int>(about.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(cipher), static_cast<int>(cipher.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + size, &size) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    if (!done) return fail(errc::corrupt, "unseal: it is sealed with another key, or for something else");
    return plain;
}

std::string Keys::sign(std::string_view text) const
{
    auto seed = derived("sign");
    SigningKey const key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    OPENSSL_cleanse(seed.data(), seed.size());
    Digest const context(EVP_MD_CTX_new());
    std::string signature(signature_bytes, '\0');
    auto size = signature.size();
    bool const done = key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text), text.size()) == 1;
    if (!done) std::abort();
    return base64url_encode(signature);
}

bool Keys::has_signed(std::string_view text, std::string_view signature) const
{
    // Ed25519 signs the same text the same way each time (RFC 8032 §5.1.6).
    return equal_constant_time(sign(text), signature);
}

} // namespace rollcall::access
