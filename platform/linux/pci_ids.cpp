#include "platform/linux/pci_ids.hpp"

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

PciName find_pci_name(std::string_view text, std::string_view vendor, std::string_view device)
{
    static constexpr std::size_t number_digits = 4;
    PciName found;
    bool within = false;
    // Line by line, for the list is long: "vendor  name", "\tdevice  name", "\t\tsubvendor subdevice  name"; after them
    // the classes, whose lines begin with a letter and a blank.
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;
        bool const nested = line.front() == '\t';
        if (nested) line.remove_prefix(1);
        if (!nested) {
            if (within) break;
            within = line.starts_with(vendor) && line.size() > number_digits && line[number_digits] == ' ';
            if (within) found.vendor = procfs::trim(line.substr(number_digits));
        } else if (within && line.starts_with(device) && line.size() > number_digits && line[number_digits] == ' ') {
            found.device = procfs::trim(line.substr(number_digits));
            break;
        }
    }
    return found;
}

} // namespace rollcall::platform
