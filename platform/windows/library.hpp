#pragma once

#include <utility>

#include <windows.h>

namespace rollcall::platform
{

/// A library of Windows that is not on every version of it. Looked for in the system's folder only: whoever may write
/// to another place must not have code run by us.
///
/// Owns: the library, which is unloaded with it.
class Library
{
public:
    explicit Library(wchar_t const* name)
        : library_(::LoadLibraryExW(name, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32))
    {
    }
    Library(Library&& other) noexcept
        : library_(std::exchange(other.library_, nullptr))
    {
    }
    Library(Library const&) = delete;
    Library& operator=(Library const&) = delete;
    Library& operator=(Library&&) = delete;
    ~Library()
    {
        if (library_ != nullptr) ::FreeLibrary(library_);
    }

    explicit operator bool() const { return library_ != nullptr; }

    /// Null where the library is not there or has no such function.
    template <class Function>
    [[nodiscard]] Function* find(char const* name) const
    {
        if (library_ == nullptr) return nullptr;
        // By way of void*, for the type that GetProcAddress answers with is made up.
        return reinterpret_cast<Function*>(reinterpret_cast<void*>(::GetProcAddress(library_, name)));
    }

private:
    HMODULE library_;
};

} // namespace rollcall::platform
