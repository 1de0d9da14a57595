#include "agent/probe/probe.hpp"

#include <cmath>

#include "common/core/text.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::probe
{

std::optional<std::string> VolatileMemory::get(std::string_view key)
{
    std::lock_guard const lock(mutex_);
    auto const found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

void VolatileMemory::put(std::string_view key, std::string value)
{
    std::lock_guard const lock(mutex_);
    values_.insert_or_assign(std::string(key), std::move(value));
}

void VolatileMemory::tell(std::vector<wire::Event> /*events*/, std::string_view key, std::string value)
{
    put(key, std::move(value));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): its rows are moved out.
Snapshot clean(Snapshot rows)
{
    Snapshot cleaned;
    for (auto& [key, row] : rows) {
        for (auto& [column, value] : row) {
            if (auto* const text = std::get_if<std::string>(&value))
                *text = clean_text(*text, wire::limits::text_bytes);
            else if (auto const* const number = std::get_if<double>(&value);
                     number != nullptr && !std::isfinite(*number))
                value = unknown(errc::bad_message);
        }
        // Two keys may become one; the first stays.
        cleaned.emplace(clean_text(key, wire::limits::key_bytes), std::move(row));
    }
    return cleaned;
}

std::uint64_t cut_rows(Snapshot& rows)
{
    if (rows.size() <= wire::limits::snapshot_rows) return 0;
    auto const cut = rows.size() - wire::limits::snapshot_rows;
    rows.erase(std::next(rows.begin(), static_cast<std::ptrdiff_t>(wire::limits::snapshot_rows)), rows.end());
    return cut;
}

} // namespace rollcall::probe
