#include "platform/windows/registry.hpp"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "platform/windows/clock.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{
namespace
{
constexpr std::size_t first_value_bytes = 512;
/// A key's name has at most 255 characters ("Registry Element Size Limits").
constexpr std::size_t longest_key_name = 256;

/// The UTF-16 units of a value; a last odd byte is no unit.
std::wstring units_of(std::vector<std::byte> const& bytes)
{
    std::wstring units(bytes.size() / sizeof(wchar_t), L'\0');
    std::memcpy(units.data(), bytes.data(), units.size() * sizeof(wchar_t));
    return units;
}

Error of_another_type(DWORD type, std::string_view name)
{
    return fail(errc::bad_message, fmt::format("registry: {} is of type {}", name, type));
}
} // namespace

Registry::Registry(HKEY key, REGSAM view)
    : key_(key)
    , view_(view)
{
}

Registry::Registry(Registry&& other) noexcept
    : key_(std::exchange(other.key_, nullptr))
    , view_(other.view_)
{
}

Registry& Registry::operator=(Registry&& other) noexcept
{
    std::swap(key_, other.key_);
    std::swap(view_, other.view_);
    return *this;
}

Registry::~Registry()
{
    if (key_ != nullptr) {
        RegCloseKey(key_);
    }
}

Result<Registry> Registry::open(HKEY root, std::string_view path, RegistryView view)
{
    auto const wanted = static_cast<REGSAM>(view == RegistryView::bits64 ? KEY_WOW64_64KEY : KEY_WOW64_32KEY);
    HKEY key = nullptr;
    auto const outcome = RegOpenKeyExW(root, utf16(path).c_str(), 0, KEY_READ | wanted, &key);
    if (outcome != ERROR_SUCCESS) {
        return fail_windows(static_cast<DWORD>(outcome), fmt::format("registry: {}", path));
    }
    return Registry(key, wanted);
}

Result<Registry> Registry::open(std::string_view path) const
{
    return open(key_, path, view_ == KEY_WOW64_64KEY ? RegistryView::bits64 : RegistryView::bits32);
}

Result<Registry::Value> Registry::value(std::string_view name) const
{
    auto const wide = utf16(name);
    Value value;
    value.bytes.resize(first_value_bytes);
    // Another program may make the value longer between two calls: hence a loop, and a limit.
    while (true) {
        auto size = static_cast<DWORD>(value.bytes.size());
        auto const outcome = RegQueryValueExW(key_, wide.c_str(), nullptr, &value.type,
                                              reinterpret_cast<BYTE*>(value.bytes.data()), &size);
        if (outcome == ERROR_SUCCESS) {
            value.bytes.resize(size);
            return value;
        }
        if (outcome != ERROR_MORE_DATA) {
            return fail_windows(static_cast<DWORD>(outcome), fmt::format("registry: {}", name));
        }
        if (value.bytes.size() >= largest_value_bytes) {
            return fail(errc::limit_exceeded,
                        fmt::format("registry: {} is longer than {} bytes", name, largest_value_bytes));
        }
        value.bytes.resize(value.bytes.size() * 2);
    }
}

Result<std::string> Registry::text(std::string_view name) const
{
    auto const found = value(name);
    if (!found) {
        return found.error();
    }
    if (found->type != REG_SZ && found->type != REG_EXPAND_SZ) {
        return of_another_type(found->type, name);
    }
    auto const units = units_of(found->bytes);
    return utf8(std::wstring_view(units).substr(0, units.find(L'\0')));
}

Result<std::vector<std::string>> Registry::texts(std::string_view name) const
{
    auto const found = value(name);
    if (!found) {
        return found.error();
    }
    if (found->type != REG_MULTI_SZ) {
        return of_another_type(found->type, name);
    }
    auto const units = units_of(found->bytes);
    auto rest = std::wstring_view(units);
    std::vector<std::string> texts;
    // Empty texts are kept: PendingFileRenameOperations means "delete" by them. Only the list's own end is dropped.
    while (!rest.empty()) {
        auto const end = rest.find(L'\0');
        texts.push_back(utf8(rest.substr(0, end)));
        rest.remove_prefix(end == std::wstring_view::npos ? rest.size() : end + 1);
    }
    if (!texts.empty() && texts.back().empty()) {
        texts.pop_back();
    }
    return texts;
}

Result<std::uint32_t> Registry::number(std::string_view name) const
{
    auto const found = value(name);
    if (!found) {
        return found.error();
    }
    if (found->type != REG_DWORD || found->bytes.size() != sizeof(std::uint32_t)) {
        return of_another_type(found->type, name);
    }
    std::uint32_t number = 0;
    std::memcpy(&number, found->bytes.data(), sizeof number);
    return number;
}

Result<std::uint64_t> Registry::big_number(std::string_view name) const
{
    auto const found = value(name);
    if (!found) {
        return found.error();
    }
    if (found->type != REG_QWORD || found->bytes.size() != sizeof(std::uint64_t)) {
        return of_another_type(found->type, name);
    }
    std::uint64_t number = 0;
    std::memcpy(&number, found->bytes.data(), sizeof number);
    return number;
}

Result<std::vector<std::byte>> Registry::bytes(std::string_view name) const
{
    auto found = value(name);
    if (!found) {
        return found.error();
    }
    if (found->type != REG_BINARY) {
        return of_another_type(found->type, name);
    }
    return std::move(found->bytes);
}

bool Registry::has(std::string_view name) const
{
    return RegQueryValueExW(key_, utf16(name).c_str(), nullptr, nullptr, nullptr, nullptr) == ERROR_SUCCESS;
}

Result<std::vector<std::string>> Registry::keys(std::size_t limit) const
{
    std::vector<std::string> keys;
    std::array<wchar_t, longest_key_name> name{};
    for (DWORD index = 0;; ++index) {
        auto length = static_cast<DWORD>(name.size());
        auto const outcome = RegEnumKeyExW(key_, index, name.data(), &length, nullptr, nullptr, nullptr, nullptr);
        if (outcome == ERROR_NO_MORE_ITEMS) {
            return keys;
        }
        if (outcome != ERROR_SUCCESS) {
            return fail_windows(static_cast<DWORD>(outcome), "registry: list of keys");
        }
        if (keys.size() == limit) {
            return fail(errc::limit_exceeded, fmt::format("registry: more than {} keys", limit));
        }
        keys.push_back(utf8({name.data(), length}));
    }
}

Result<std::int64_t> Registry::written_unix_ms() const
{
    FILETIME written{};
    auto const outcome = RegQueryInfoKeyW(key_, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                          nullptr, nullptr, &written);
    if (outcome != ERROR_SUCCESS) {
        return fail_windows(static_cast<DWORD>(outcome), "registry: time of writing");
    }
    return unix_ms((static_cast<std::uint64_t>(written.dwHighDateTime) << 32) | written.dwLowDateTime);
}

} // namespace rollcall::platform
