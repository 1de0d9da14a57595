#include "platform/paths.hpp"

#include <memory>

#include <windows.h>

#include <aclapi.h>
#include <fmt/format.h>
#include <initguid.h>
#include <knownfolders.h>

#include "platform/windows/access.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/library.hpp"
#include "platform/windows/long_path.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// SHGetKnownFolderPath. The shell's libraries are loaded for the question only: linked, they would be megabytes of
/// memory for as long as the agent runs.
Result<std::string> known_folder(GUID const& which)
{
    Library const shell(L"shell32.dll");
    Library const ole(L"ole32.dll");
    auto* const ask = shell.find<HRESULT WINAPI(GUID const&, DWORD, HANDLE, wchar_t**)>("SHGetKnownFolderPath");
    auto* const free_memory = ole.find<void WINAPI(void*)>("CoTaskMemFree");
    if (ask == nullptr || free_memory == nullptr) return fail(errc::not_supported, "paths: SHGetKnownFolderPath");
    wchar_t* raw = nullptr;
    auto const status = ask(which, 0, nullptr, &raw);
    std::unique_ptr<wchar_t, decltype(free_memory)> const text(raw, free_memory); // To be freed also when it failed.
    if (FAILED(status)) return fail_hresult(status, "paths: SHGetKnownFolderPath");
    if (!text || *text == L'\0') return fail(errc::not_found, "paths: SHGetKnownFolderPath: no such folder");
    return utf8(text.get());
}

/// Makes one folder; one that is there already is no error.
Result<> make_one(std::wstring const& path, SECURITY_ATTRIBUTES* rights)
{
    if (::CreateDirectoryW(path.c_str(), rights) != FALSE) return {};
    auto const error = ::GetLastError();
    if (error == ERROR_ALREADY_EXISTS) return {};
    return fail_windows(error, "CreateDirectory");
}

std::wstring folder_above(std::wstring const& path)
{
    auto const slash = path.find_last_of(L"\\/");
    if (slash == std::wstring::npos) return {};
    // The root of a drive keeps its slash: without it another folder is meant.
    return path.substr(0, slash > 0 && path[slash - 1] == L':' ? slash + 1 : slash);
}

/// The folders above that are missing are ours alone as well: whoever owns one could put another in our folder's place.
Result<> make_above(std::wstring const& path, SECURITY_ATTRIBUTES* rights)
{
    auto const above = folder_above(path);
    if (above.empty() || above.size() == path.size()) return {};
    if (::GetFileAttributesW(above.c_str()) != INVALID_FILE_ATTRIBUTES) return {};
    if (auto const made = make_above(above, rights); !made) return made;
    return make_one(above, rights);
}

/// A link is opened itself: anybody may put one where there was nothing. errc::refused where it is another user's.
Result<Handle> open_own(std::wstring const& path, DWORD access)
{
    Handle folder(::CreateFileW(path.c_str(), access | READ_CONTROL | FILE_READ_ATTRIBUTES,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!folder) return fail_windows(::GetLastError(), "open the folder");
    if (auto const owned = check_owner(folder.get()); !owned) return owned.error();
    return folder;
}

Result<Handle> open_folder(std::wstring const& path, DWORD access)
{
    auto folder = open_own(path, access);
    if (!folder) return folder;
    BY_HANDLE_FILE_INFORMATION facts{};
    if (::GetFileInformationByHandle(folder->get(), &facts) == FALSE)
        return fail_windows(::GetLastError(), "GetFileInformationByHandle");
    if ((facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
        (facts.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return fail(errc::refused, "not a plain folder");
    return folder;
}

/// Everybody may make folders in ProgramData: whoever made one of those above before us could put another in our
/// folder's place. Links in higher places are the administrator's, if they belong to him.
Result<> check_above(std::wstring const& path)
{
    auto above = folder_above(path);
    if (auto const next = open_folder(above, 0); !next) return next.error();
    // What does not begin with a drive is a share or a volume without a letter, whose upper part is no folder.
    static constexpr std::size_t colon = std::wstring_view(LR"(\\?\C)").size();
    if (path.size() <= colon || path[colon] != L':') return {};
    while (folder_above(above).size() < above.size()) {
        above = folder_above(above);
        auto const opened = open_own(above, 0);
        if (!opened && opened.error().code == errc::refused)
            return fail(errc::refused,
                        fmt::format("{} belongs to another user, who could replace what is in it: if that "
                                    "is right, give it to the administrators (icacls FOLDER /setowner "
                                    "*S-1-5-32-544)",
                                    utf8(above)));
        if (!opened) return fail(opened.error(), utf8(above));
    }
    return {};
}

} // namespace

Result<Paths> system_paths(std::string const& program)
{
    if (program.empty() || program.starts_with('.') || program.find_first_of("/\\:") != std::string::npos)
        return fail(errc::bad_input, "paths: a program's name is one word");
    auto const base = known_folder(FOLDERID_ProgramData);
    if (!base) return base.error();
    auto const ours = fmt::format(R"({}\Rollcall\{})", *base, program);
    // Windows has no folder that a reboot empties.
    return Paths{.config_dir = ours, .data_dir = ours + R"(\data)", .runtime_dir = ours + R"(\run)"};
}

Result<std::string> own_program()
{
    // The longest path there is (Maximum Path Length Limitation); the function does not tell how much it wants.
    std::wstring path(32'768, L'\0');
    auto const size = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    if (size == 0 || size >= path.size()) return fail_windows(::GetLastError(), "paths: GetModuleFileName");
    path.resize(size);
    return utf8(path);
}

Result<> make_own_folder(std::string const& path)
{
    auto place = long_path(path);
    if (!place) return fail(place.error(), path);
    while (place->ends_with(L'\\') || place->ends_with(L'/'))
        place->pop_back();
    auto const rights = private_descriptor(true);
    if (!rights) return fail(rights.error(), path);
    SECURITY_ATTRIBUTES attributes{sizeof(SECURITY_ATTRIBUTES), rights->get(), FALSE};
    if (auto const made = make_above(*place, &attributes); !made) return fail(made.error(), path);
    if (auto const above = check_above(*place); !above) return fail(fail(above.error(), "the folders above"), path);
    if (auto const made = make_one(*place, &attributes); !made) return fail(made.error(), path);
    // It may be an old one.
    auto const folder = open_folder(*place, WRITE_DAC);
    if (!folder) return fail(folder.error(), path);
    BOOL has_list = FALSE;
    BOOL by_default = FALSE;
    PACL list = nullptr;
    if (::GetSecurityDescriptorDacl(rights->get(), &has_list, &list, &by_default) == FALSE)
        return fail_windows(::GetLastError(), path);
    auto const error = ::SetSecurityInfo(folder->get(), SE_FILE_OBJECT,
                                         DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, nullptr,
                                         nullptr, list, nullptr);
    if (error != ERROR_SUCCESS) return fail_windows(error, path);
    return {};
}

} // namespace rollcall::platform
