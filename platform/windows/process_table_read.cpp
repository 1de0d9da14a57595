#include "platform/windows/process_table.hpp"

#include <memory>

#include <windows.h>

#include <fmt/format.h>

namespace rollcall::platform
{

Result<std::vector<ProcessEntry>> read_process_table()
{
    using Ask = LONG(WINAPI*)(ULONG, void*, ULONG, ULONG*);
    static auto const ask = reinterpret_cast<Ask>(
        reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "NtQuerySystemInformation")));
    if (ask == nullptr) return fail(errc::not_supported, "processes: NtQuerySystemInformation");
    static constexpr ULONG process_information_class = 5;
    static constexpr auto length_mismatch = static_cast<LONG>(0xC0000004); // STATUS_INFO_LENGTH_MISMATCH
    static constexpr ULONG largest_bytes = 64UL * 1024 * 1024;
    ULONG size = 512UL * 1024;
    while (size <= largest_bytes) {
        // Whole numbers of eight bytes, as the entries have to be aligned.
        auto const room = std::make_unique<std::uint64_t[]>(size / sizeof(std::uint64_t));
        ULONG used = 0;
        auto const status = ask(process_information_class, room.get(), size, &used);
        if (status == length_mismatch) {
            // More may have begun when we ask again.
            size = (used > size ? used : size) / 4096 * 4096 + 128UL * 1024;
            continue;
        }
        if (status < 0)
            return fail(errc::io, fmt::format("processes: NtQuerySystemInformation: status {:#010x}",
                                              static_cast<std::uint32_t>(status)));
        auto const bytes = std::as_bytes(std::span(room.get(), size / sizeof(std::uint64_t)));
        return parse_process_table(bytes.first(used < size ? used : size),
                                   reinterpret_cast<std::uintptr_t>(room.get()));
    }
    return fail(errc::limit_exceeded, "processes: NtQuerySystemInformation");
}

} // namespace rollcall::platform
