#include "platform/windows/process_table.hpp"

#include <cstring>

namespace rollcall::platform
{

/// Where the fields of SYSTEM_PROCESS_INFORMATION are, in bytes. winternl.h names most of them "Reserved"; they have
/// been where they are since Windows Vista.
namespace process_information
{
static constexpr std::size_t next = 0;
static constexpr std::size_t threads = 4;
static constexpr std::size_t private_resident = 8;
static constexpr std::size_t created = 32;
static constexpr std::size_t user_time = 40;
static constexpr std::size_t kernel_time = 48;
static constexpr std::size_t name_size = 56;
static constexpr std::size_t name_address = 64;
static constexpr std::size_t id = 80;
static constexpr std::size_t handles = 96;
static constexpr std::size_t resident = 144;
static constexpr std::size_t size = 256;
} // namespace process_information

template <class T>
static T number_at(std::span<std::byte const> bytes, std::size_t offset)
{
    T number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

static Result<std::u16string> process_name_of(std::span<std::byte const> bytes, std::uint64_t address,
                                              std::size_t entry)
{
    namespace at = process_information;
    auto const size = number_at<std::uint16_t>(bytes, entry + at::name_size) / sizeof(char16_t);
    auto const where = number_at<std::uint64_t>(bytes, entry + at::name_address);
    std::u16string name(size, u'\0');
    if (size == 0) return name;
    auto const offset = where - address;
    if (where < address || offset > bytes.size() || bytes.size() - offset < size * sizeof(char16_t))
        return fail(errc::bad_message, "processes: a name outside the table");
    std::memcpy(name.data(), bytes.data() + offset, size * sizeof(char16_t));
    return name;
}

Result<std::vector<ProcessEntry>> parse_process_table(std::span<std::byte const> bytes, std::uint64_t address)
{
    namespace at = process_information;
    std::vector<ProcessEntry> found;
    std::size_t entry = 0;
    for (;;) {
        if (bytes.size() - entry < at::size) return fail(errc::bad_message, "processes: the table ends too early");
        ProcessEntry one;
        auto name = process_name_of(bytes, address, entry);
        if (!name) return name.error();
        one.name = *std::move(name);
        one.id = number_at<std::uint64_t>(bytes, entry + at::id);
        one.created = number_at<std::uint64_t>(bytes, entry + at::created);
        one.user_100ns = number_at<std::uint64_t>(bytes, entry + at::user_time);
        one.kernel_100ns = number_at<std::uint64_t>(bytes, entry + at::kernel_time);
        one.resident_bytes = number_at<std::uint64_t>(bytes, entry + at::resident);
        one.private_resident_bytes = number_at<std::uint64_t>(bytes, entry + at::private_resident);
        one.threads = number_at<std::uint32_t>(bytes, entry + at::threads);
        one.handles = number_at<std::uint32_t>(bytes, entry + at::handles);
        found.push_back(std::move(one));
        auto const step = number_at<std::uint32_t>(bytes, entry + at::next);
        if (step == 0) return found;
        // One that points into the entry itself could lead in circles.
        if (step < at::size || step > bytes.size() - entry)
            return fail(errc::bad_message, "processes: the table points outside itself");
        entry += step;
    }
}

} // namespace rollcall::platform
