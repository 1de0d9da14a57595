#pragma once

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/pem.h>

/// The key of tests/fixtures/release, which everybody has.
namespace rollcall::support
{

inline std::string file_text(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// As ROLLCALL_UPDATE_KEY.
inline std::string release_public_key()
{
    auto text = file_text(ROLLCALL_FIXTURES "/release/test-key.pub");
    text.resize(text.find_last_not_of("\r\n") + 1);
    return text;
}

inline std::string to_base64(std::string_view bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    auto const size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

/// The content of manifest.sig.
inline std::string sign_release(std::string_view text)
{
    auto const pem = file_text(ROLLCALL_FIXTURES "/release/test-key.pem");
    std::unique_ptr<BIO, decltype(&BIO_free_all)> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                            &BIO_free_all);
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::array<unsigned char, 64> signature{};
    auto size = signature.size();
    if (!key || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, reinterpret_cast<unsigned char const*>(text.data()),
                       text.size()) != 1)
        throw std::runtime_error("sign_release");
    return to_base64({reinterpret_cast<char const*>(signature.data()), size}) + '\n';
}

} // namespace rollcall::support
