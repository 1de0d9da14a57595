#include "platform/windows/processor_topology.hpp"

#include <bit>
#include <cstring>

namespace rollcall::platform
{

namespace
{

template <class T>
T topology_value(std::string_view bytes, std::size_t offset)
{
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

} // namespace

Result<ProcessorCounts> parse_processor_information(std::string_view bytes)
{
    // SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX and, within it, PROCESSOR_RELATIONSHIP.
    static constexpr std::size_t head_bytes = 8;
    static constexpr std::size_t count_place = 30;
    static constexpr std::size_t groups_place = 32;
    static constexpr std::size_t group_bytes = 16; ///< GROUP_AFFINITY: a mask of 64 bits comes first.
    static constexpr std::uint32_t relation_core = 0;
    static constexpr std::uint32_t relation_package = 3;
    auto const torn = fail(errc::bad_message, "processors: the list breaks off");
    ProcessorCounts counts;
    while (!bytes.empty()) {
        if (bytes.size() < head_bytes) return torn;
        auto const relation = topology_value<std::uint32_t>(bytes, 0);
        auto const size = topology_value<std::uint32_t>(bytes, 4);
        if (size < head_bytes || size > bytes.size()) return torn;
        if (relation == relation_package) ++counts.sockets;
        if (relation == relation_core) {
            ++counts.cores;
            if (size < groups_place) return torn;
            auto const groups = topology_value<std::uint16_t>(bytes, count_place);
            if (groups_place + groups * group_bytes > size) return torn;
            for (std::size_t i = 0; i < groups; ++i)
                counts.threads += std::popcount(topology_value<std::uint64_t>(bytes, groups_place + i * group_bytes));
        }
        bytes.remove_prefix(size);
    }
    return counts;
}

} // namespace rollcall::platform
