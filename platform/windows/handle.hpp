#pragma once

#include <memory>
#include <utility>

#include <windows.h>

namespace rollcall::platform
{

/// A handle of the kernel, closed with its owner. Null and INVALID_HANDLE_VALUE are both "none": which of the two a
/// function answers with differs.
class Handle
{
public:
    Handle() = default;
    explicit Handle(HANDLE handle)
        : handle_(handle)
    {
    }
    Handle(Handle&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr))
    {
    }
    Handle& operator=(Handle&& other) noexcept
    {
        if (this != &other) reset(std::exchange(other.handle_, nullptr));
        return *this;
    }
    Handle(Handle const&) = delete;
    Handle& operator=(Handle const&) = delete;
    ~Handle() { reset(); }

    void reset(HANDLE handle = nullptr)
    {
        if (*this) ::CloseHandle(handle_);
        handle_ = handle;
    }
    [[nodiscard]] HANDLE get() const { return handle_; }
    explicit operator bool() const
    {
        // INVALID_HANDLE_VALUE is a macro with a cast of C; it is minus one in every Windows.
        return handle_ != nullptr && reinterpret_cast<LONG_PTR>(handle_) != -1;
    }

private:
    HANDLE handle_ = nullptr;
};

/// What Windows allocated for us by LocalAlloc.
struct FreeLocal {
    void operator()(void* memory) const { ::LocalFree(memory); }
};
template <class T>
using LocalMemory = std::unique_ptr<T, FreeLocal>;

} // namespace rollcall::platform
