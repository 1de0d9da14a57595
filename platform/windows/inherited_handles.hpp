#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <windows.h>

#include "common/core/result.hpp"
#include "platform/windows/error.hpp"

namespace rollcall::platform
{

/// What a new process inherits: these handles, whatever else of ours happens to be inheritable.
class InheritedHandles
{
public:
    [[nodiscard]] Result<> open(std::vector<HANDLE> handles)
    {
        handles_ = std::move(handles);
        SIZE_T size = 0;
        ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
        memory_.resize(size);
        auto* const list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
        if (::InitializeProcThreadAttributeList(list, 1, 0, &size) == FALSE)
            return fail_windows(::GetLastError(), "InitializeProcThreadAttributeList");
        list_ = list;
        // PROC_THREAD_ATTRIBUTE_HANDLE_LIST: the macro of the header has a cast of C.
        static constexpr DWORD_PTR handle_list = 0x20002;
        if (::UpdateProcThreadAttribute(list_, 0, handle_list, handles_.data(), handles_.size() * sizeof(HANDLE),
                                        nullptr, nullptr) == FALSE)
            return fail_windows(::GetLastError(), "UpdateProcThreadAttribute");
        return {};
    }
    [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST get() const { return list_; }

    InheritedHandles() = default;
    InheritedHandles(InheritedHandles const&) = delete;
    InheritedHandles& operator=(InheritedHandles const&) = delete;
    ~InheritedHandles()
    {
        if (list_ != nullptr) ::DeleteProcThreadAttributeList(list_);
    }

private:
    std::vector<HANDLE> handles_;
    std::vector<std::byte> memory_;
    LPPROC_THREAD_ATTRIBUTE_LIST list_ = nullptr;
};

} // namespace rollcall::platform
