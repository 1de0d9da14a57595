#include "common/core/file_digest.hpp"

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "common/core/ids.hpp"

namespace rollcall
{

Result<std::string> sha256_of_file(std::filesystem::path const& path)
{
    auto const failed = [&path] { return fail(errc::io, path.filename().string() + ": cannot be read"); };
    std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); })> const digest(
        EVP_MD_CTX_new());
    if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) return failed();
    std::ifstream stream(path, std::ios::binary);
    std::vector<char> piece(1U << 16U);
    while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) || stream.gcount() > 0)
        EVP_DigestUpdate(digest.get(), piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (!stream.eof()) return failed();
    std::array<unsigned char, 32> hash{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(digest.get(), hash.data(), &size) != 1) return failed();
    return to_hex(hash);
}

} // namespace rollcall
