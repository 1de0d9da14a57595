#include "platform/windows/storage.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "common/core/text.hpp"
#include "platform/smart.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

/// STORAGE_PROTOCOL_SPECIFIC_DATA.
constexpr std::size_t protocol_data_bytes = 40;
/// Before it: a property and a type of query, or a version and a size.
constexpr std::size_t protocol_head_bytes = 8;
constexpr std::size_t nvme_identify_bytes = 4096;

std::uint32_t word_at(std::string_view bytes, std::size_t offset)
{
    std::uint32_t word = 0;
    if (offset + sizeof word <= bytes.size()) std::memcpy(&word, bytes.data() + offset, sizeof word);
    return word;
}

void append_word(std::string& bytes, std::uint32_t word)
{
    std::array<char, sizeof word> raw{};
    std::memcpy(raw.data(), &word, sizeof word);
    bytes.append(raw.data(), raw.size());
}

std::size_t size_of(NvmePage page)
{
    return page == NvmePage::identify_controller ? nvme_identify_bytes : nvme_health_bytes;
}

/// STORAGE_BUS_TYPE, from 1.
Fact<std::string> bus_name(std::uint32_t type)
{
    static constexpr std::array<std::string_view, 19> names = {
        "scsi", "atapi", "ata", "firewire", "ssa",     "fibre channel", "usb",  "raid", "iscsi", "sas",
        "sata", "mmc",   "mmc", "virtual",  "virtual", "spaces",        "nvme", "scm",  "ufs"};
    if (type == 0 || type > names.size()) return fail(errc::not_found, fmt::format("disks: bus type {}", type));
    return std::string(names[type - 1]);
}

Fact<std::string> text_at(std::string_view answer, std::uint32_t offset)
{
    if (offset == 0 || offset >= answer.size()) return fail(errc::not_found, "disks: the drive does not say");
    auto const rest = answer.substr(offset);
    auto const text = clean_text(smbios_field(rest.substr(0, rest.find('\0'))));
    if (text.empty() || is_placeholder(text)) return fail(errc::not_found, "disks: the drive does not say");
    return text;
}

} // namespace

Result<StorageDevice> parse_storage_device(std::string_view answer)
{
    static constexpr std::size_t least_bytes = 36;
    static constexpr std::uint32_t bus_file_backed = 15;
    static constexpr std::uint32_t bus_spaces = 16;
    if (answer.size() < least_bytes) return fail(errc::bad_message, "disks: a descriptor that breaks off");
    StorageDevice device;
    auto const bus = word_at(answer, 28);
    device.removable = answer[10] != 0;
    device.model = text_at(answer, word_at(answer, 16));
    device.serial = text_at(answer, word_at(answer, 24));
    device.bus = bus_name(bus);
    device.is_real = bus != bus_file_backed && bus != bus_spaces;
    return device;
}

Result<bool> parse_seek_penalty(std::string_view answer)
{
    static constexpr std::size_t place = 8;
    if (answer.size() <= place) return fail(errc::bad_message, "disks: a descriptor that breaks off");
    return answer[place] != 0;
}

Result<std::int64_t> parse_disk_size(std::string_view answer)
{
    static constexpr std::size_t place = 24;
    std::int64_t size = 0;
    if (answer.size() < place + sizeof size) return fail(errc::bad_message, "disks: a geometry that breaks off");
    std::memcpy(&size, answer.data() + place, sizeof size);
    if (size < 0) return fail(errc::bad_message, "disks: impossible size");
    return size;
}

Result<std::vector<std::uint32_t>> parse_disk_extents(std::string_view answer)
{
    static constexpr std::size_t head_bytes = 8;
    static constexpr std::size_t extent_bytes = 24;
    if (answer.size() < head_bytes) return fail(errc::bad_message, "disks: extents that break off");
    auto const count = std::size_t{word_at(answer, 0)};
    if (count > (answer.size() - head_bytes) / extent_bytes)
        return fail(errc::limit_exceeded, "disks: more extents than came");
    std::vector<std::uint32_t> numbers;
    for (std::size_t i = 0; i < count; ++i)
        numbers.push_back(word_at(answer, head_bytes + i * extent_bytes));
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

std::string property_query(std::uint32_t property)
{
    static constexpr std::size_t query_bytes = 12;
    std::string query;
    append_word(query, property);
    query.resize(query_bytes, '\0');
    return query;
}

std::string nvme_query(NvmePage page)
{
    static constexpr std::uint32_t adapter_protocol_property = 49;
    static constexpr std::uint32_t device_protocol_property = 50;
    static constexpr std::uint32_t standard_query = 0;
    static constexpr std::uint32_t protocol_nvme = 3;
    static constexpr std::uint32_t data_identify = 1;
    static constexpr std::uint32_t data_log_page = 2;
    static constexpr std::uint32_t identify_controller = 1;
    static constexpr std::uint32_t health_log = 2;
    bool const identify = page == NvmePage::identify_controller;
    std::string query;
    append_word(query, identify ? adapter_protocol_property : device_protocol_property);
    append_word(query, standard_query);
    append_word(query, protocol_nvme);
    append_word(query, identify ? data_identify : data_log_page);
    append_word(query, identify ? identify_controller : health_log);
    append_word(query, 0);
    append_word(query, protocol_data_bytes); // Where the page begins, from where its description does.
    append_word(query, static_cast<std::uint32_t>(size_of(page)));
    query.resize(protocol_head_bytes + protocol_data_bytes + size_of(page), '\0');
    return query;
}

Result<std::string> parse_nvme_answer(std::string_view answer, NvmePage page)
{
    if (answer.size() < protocol_head_bytes + protocol_data_bytes)
        return fail(errc::bad_message, "nvme: an answer that breaks off");
    auto const data = answer.substr(protocol_head_bytes);
    auto const offset = std::size_t{word_at(data, 16)};
    auto const length = std::size_t{word_at(data, 20)};
    if (offset < protocol_data_bytes || length < size_of(page) || offset > data.size() ||
        size_of(page) > data.size() - offset)
        return fail(errc::bad_message, "nvme: an answer that is no page");
    return std::string(data.substr(offset, size_of(page)));
}

Result<std::string> parse_nvme_serial(std::string_view page)
{
    static constexpr std::size_t place = 4;
    static constexpr std::size_t serial_bytes = 20;
    if (page.size() < place + serial_bytes) return fail(errc::bad_message, "nvme: an identity that breaks off");
    auto const field = page.substr(place, serial_bytes);
    auto const text = clean_text(smbios_field(field.substr(0, field.find('\0'))));
    if (text.empty() || is_placeholder(text)) return fail(errc::not_found, "nvme: the drive has no serial number");
    return text;
}

} // namespace rollcall::platform
