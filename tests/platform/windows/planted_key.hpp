#pragma once

#include <cstdint>
#include <string>

#include <windows.h>

#include <fmt/format.h>

#include "platform/windows/text.hpp"

namespace rollcall::test
{

/// A place in the registry for one test: a key under HKEY_CURRENT_USER, gone with its owner.
class PlantedKey
{
public:
    PlantedKey()
        : path_(fmt::format("Software\\RollcallTest-{}", ::GetCurrentProcessId()))
    {
        clear();
    }
    ~PlantedKey() { clear(); }
    PlantedKey(PlantedKey const&) = delete;
    PlantedKey& operator=(PlantedKey const&) = delete;

    /// Before each path of a body, with its "\" at the end.
    [[nodiscard]] std::string prefix() const { return path_ + "\\"; }

    void add_key(std::string const& path) const { ::RegCloseKey(open(path)); }
    void add_text(std::string const& path, std::string const& name, std::string const& text) const
    {
        auto const wide = platform::utf16(text);
        add(path, name, REG_SZ, wide.c_str(), (wide.size() + 1) * sizeof(wchar_t));
    }
    void add_number(std::string const& path, std::string const& name, DWORD number) const
    {
        add(path, name, REG_DWORD, &number, sizeof number);
    }
    void add(std::string const& path, std::string const& name, DWORD type, void const* bytes, std::size_t size) const
    {
        auto* const key = open(path);
        ::RegSetValueExW(key, platform::utf16(name).c_str(), 0, type, static_cast<BYTE const*>(bytes),
                         static_cast<DWORD>(size));
        ::RegCloseKey(key);
    }

private:
    [[nodiscard]] HKEY open(std::string const& path) const
    {
        HKEY key = nullptr;
        ::RegCreateKeyExW(HKEY_CURRENT_USER, platform::utf16(prefix() + path).c_str(), 0, nullptr, 0,
                          KEY_ALL_ACCESS | KEY_WOW64_64KEY, nullptr, &key, nullptr);
        return key;
    }
    void clear() const { ::RegDeleteTreeW(HKEY_CURRENT_USER, platform::utf16(path_).c_str()); }

    std::string path_;
};

} // namespace rollcall::test
