#include "platform/secret_file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <windows.h>

#include <dpapi.h>
#include <fmt/format.h>

#include "common/core/ids.hpp"
#include "platform/windows/access.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/long_path.hpp"
#include "platform/windows/rename.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// Mixed into the key, so that what another program of this machine encrypted is never taken for ours.
constexpr std::string_view secret_label = "Rollcall secret file 1";
/// Stands before the secret, so that an empty one is something to encrypt.
constexpr char secret_version = '1';
/// What CryptProtectData adds to a secret is a few hundred bytes.
constexpr std::size_t secret_blob_bytes = secret_file_bytes + std::size_t{4} * 1024;

/// What DPAPI gave us; wiped before it is freed.
class Blob
{
public:
    Blob() = default;
    Blob(Blob const&) = delete;
    Blob& operator=(Blob const&) = delete;
    ~Blob()
    {
        if (blob_.pbData == nullptr) return;
        ::SecureZeroMemory(blob_.pbData, blob_.cbData);
        ::LocalFree(blob_.pbData);
    }
    [[nodiscard]] DATA_BLOB* place() { return &blob_; }
    [[nodiscard]] std::string_view text() const
    {
        return {reinterpret_cast<char const*>(blob_.pbData), blob_.pbData == nullptr ? 0 : blob_.cbData};
    }

private:
    DATA_BLOB blob_{};
};

/// DPAPI reads through pointers that are not const.
DATA_BLOB as_blob(std::string_view bytes)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    auto* const begin = const_cast<char*>(bytes.data());
    return {static_cast<DWORD>(bytes.size()), reinterpret_cast<BYTE*>(begin)};
}

Result<> write_whole(HANDLE file, std::string_view bytes)
{
    while (!bytes.empty()) {
        DWORD wrote = 0;
        if (::WriteFile(file, bytes.data(), static_cast<DWORD>(bytes.size()), &wrote, nullptr) == FALSE)
            return fail_windows(::GetLastError(), "WriteFile");
        if (wrote == 0) return fail(errc::io, "WriteFile: nothing was written");
        bytes.remove_prefix(std::min<std::size_t>(wrote, bytes.size()));
    }
    if (::FlushFileBuffers(file) == FALSE) return fail_windows(::GetLastError(), "FlushFileBuffers");
    return {};
}

Result<> write_fresh(std::wstring const& path, std::string_view bytes)
{
    auto const rights = private_descriptor(false);
    if (!rights) return rights.error();
    SECURITY_ATTRIBUTES attributes{sizeof(SECURITY_ATTRIBUTES), rights->get(), FALSE};
    Handle const file(::CreateFileW(path.c_str(), GENERIC_WRITE, 0, &attributes, CREATE_NEW,
                                    FILE_ATTRIBUTE_NORMAL | FILE_FLAG_WRITE_THROUGH, nullptr));
    if (!file) return fail_windows(::GetLastError(), "CreateFile");
    return write_whole(file.get(), bytes);
}

Result<std::string> read_whole(HANDLE file)
{
    std::string bytes;
    std::array<char, 4096> buffer{};
    for (;;) {
        DWORD got = 0;
        if (::ReadFile(file, buffer.data(), static_cast<DWORD>(buffer.size()), &got, nullptr) == FALSE)
            return fail_windows(::GetLastError(), "ReadFile");
        if (got == 0) return bytes;
        bytes.append(buffer.data(), std::min<std::size_t>(got, buffer.size()));
        if (bytes.size() > secret_blob_bytes)
            return fail(errc::limit_exceeded, fmt::format("larger than {} bytes", secret_file_bytes));
    }
}

} // namespace

Result<> write_secret_file(std::string const& path, std::string_view content)
{
    if (content.size() > secret_file_bytes)
        return fail(errc::limit_exceeded, fmt::format("{}: a secret has at most {} bytes", path, secret_file_bytes));
    std::string framed(content.size() + 1, secret_version);
    std::copy(content.begin(), content.end(), framed.begin() + 1);
    auto plain = as_blob(framed);
    auto entropy = as_blob(secret_label);
    Blob locked;
    // For the machine, not the user: whoever installs is not whom the service runs as. Who may read it on this machine
    // is the file's rights; what is copied off it is worth nothing.
    bool const done =
        ::CryptProtectData(&plain, nullptr, &entropy, nullptr, nullptr,
                           CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN, locked.place()) != FALSE;
    auto const error = ::GetLastError();
    ::SecureZeroMemory(framed.data(), framed.size());
    if (!done) return fail(fail_windows(error, "CryptProtectData"), path);
    auto const target = long_path(path);
    if (!target) return fail(target.error(), path);
    // A name of its own: two writers, or what a crash left, cannot mix.
    auto const fresh = *target + L'.' + utf16(make_secret(8));
    auto written = write_fresh(fresh, locked.text());
    if (written) {
        auto const refused = rename_over(fresh, *target);
        if (refused != ERROR_SUCCESS) written = fail_windows(refused, "MoveFileEx");
    }
    if (written) return {};
    ::DeleteFileW(fresh.c_str());
    return fail(written.error(), path);
}

Result<std::string> read_secret_file(std::string const& path)
{
    auto const place = long_path(path);
    if (!place) return fail(place.error(), path);
    // A link is opened itself, and refused below. Whoever replaces the file meanwhile may.
    Handle const file(::CreateFileW(place->c_str(), GENERIC_READ,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (!file) return fail_windows(::GetLastError(), path);
    BY_HANDLE_FILE_INFORMATION facts{};
    if (::GetFileInformationByHandle(file.get(), &facts) == FALSE) return fail_windows(::GetLastError(), path);
    if ((facts.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE)) !=
        0)
        return fail(errc::refused, path + ": not a plain file");
    if (auto const checked = check_private(file.get()); !checked) return fail(checked.error(), path);
    auto const bytes = read_whole(file.get());
    if (!bytes) return fail(bytes.error(), path);
    auto locked = as_blob(*bytes);
    auto entropy = as_blob(secret_label);
    Blob plain;
    if (bytes->empty() || ::CryptUnprotectData(&locked, nullptr, &entropy, nullptr, nullptr, CRYPTPROTECT_UI_FORBIDDEN,
                                               plain.place()) == FALSE)
        return fail(errc::corrupt, path + ": not written by this program on this machine: have it made anew");
    auto const text = plain.text();
    if (!text.starts_with(secret_version)) return fail(errc::corrupt, path + ": of another version of this program");
    if (text.size() > secret_file_bytes + 1)
        return fail(errc::limit_exceeded, fmt::format("{}: larger than {} bytes", path, secret_file_bytes));
    return std::string(text.substr(1));
}

} // namespace rollcall::platform
