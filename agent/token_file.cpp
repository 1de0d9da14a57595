#include "agent/token_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>

#include "common/net/address.hpp"
#include "common/wire/codec.hpp"
#include "platform/paths.hpp"

namespace rollcall::agent
{

namespace fs = std::filesystem;

static constexpr int rename_tries = 40;
static constexpr std::chrono::milliseconds rename_pause{25};

Result<std::string> read_token(std::istream& from)
{
    std::string word;
    for (char letter = 0; word.size() <= token_bytes && from.get(letter) && letter != '\n';)
        word += letter;
    if (word.size() > token_bytes) return fail(errc::bad_input, "the token: longer than any token is");
    auto const first = word.find_first_not_of(" \t\r");
    if (first == std::string::npos) return fail(errc::bad_input, "the token: nothing was given");
    return word.substr(first, word.find_last_not_of(" \t\r") - first + 1);
}

Result<std::string> read_token_file(fs::path const& file)
{
    std::ifstream opened(file);
    if (!opened) return fail_errno(errno, file.string());
    return read_token(opened);
}

Result<std::string> readdress_token(std::string_view token, std::string_view server)
{
    auto content = wire::decode_token(token);
    if (!content) return content.error();
    auto const address = server.starts_with("https://") ? net::parse_https_url(server) : net::parse_address(server);
    if (!address) return fail(address.error(), "the server");
    content->address = net::to_string(*address);
    return wire::encode_token(*content);
}

Result<> leave_token(fs::path const& file, std::string_view token)
{
    // Whoever reads it can add a device: nobody else enters the folder.
    if (auto const made = platform::make_own_folder(file.parent_path().string()); !made) return made.error();
    auto fresh = file;
    fresh += ".new";
    std::error_code failed;
    fs::remove(fresh, failed);
    {
        std::ofstream written(fresh, std::ios::binary);
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, failed);
        written << token << '\n' << std::flush;
        if (!written) return fail_errno(errno, fresh.string());
    }
    // Where somebody reads the old one at this moment, some systems replace it only after that.
    for (int tries = 0; tries < rename_tries; ++tries) {
        fs::rename(fresh, file, failed);
        if (!failed) break;
        std::this_thread::sleep_for(rename_pause);
    }
    if (failed) return fail(errc::io, file.string() + ": " + failed.message());
    return {};
}

Result<> destroy_token(fs::path const& file)
{
    std::error_code failed;
    auto const status = fs::symlink_status(file, failed);
    if (!fs::exists(status)) return {};
    // A link's target is somebody else's file.
    if (fs::is_regular_file(status)) {
        std::string const zeros(
            static_cast<std::size_t>(std::min<std::uintmax_t>(fs::file_size(file, failed), token_bytes)), '\0');
        std::fstream over(file, std::ios::binary | std::ios::in | std::ios::out);
        over << zeros << std::flush;
    }
    if (!fs::remove(file, failed) && failed) return fail(errc::io, file.string() + ": " + failed.message());
    return {};
}

} // namespace rollcall::agent
