#include "collector/client/event_reader.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "collector/client/limits.hpp"

namespace rollcall::client
{

Result<std::vector<EventReader::Event>> EventReader::take(std::string_view bytes)
{
    std::vector<Event> found;
    for (char const c : bytes) {
        bool const is_rest_of_break = std::exchange(after_return_, c == '\r') && c == '\n';
        if (is_rest_of_break) continue;
        if (c == '\r' || c == '\n') {
            auto const line = std::exchange(rest_, {});
            take_line(line, found);
            continue;
        }
        rest_ += c;
        if (rest_.size() + event_.data.size() > limits::event_bytes)
            return fail(errc::limit_exceeded,
                        fmt::format("an event has more than {} bytes, which no collector sends", limits::event_bytes));
    }
    return found;
}

void EventReader::begin_anew()
{
    rest_.clear();
    event_ = {};
    has_data_ = false;
    after_return_ = false;
    id_ = last_id_;
}

void EventReader::take_line(std::string_view line, std::vector<Event>& found)
{
    if (line.empty()) {
        last_id_ = id_;
        auto event = std::exchange(event_, {});
        if (!std::exchange(has_data_, false)) return;
        if (event.name.empty()) event.name = "message";
        found.push_back(std::move(event));
        return;
    }
    auto const colon = line.find(':');
    auto const field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
        event_.name = value;
    } else if (field == "data") {
        if (has_data_) event_.data += '\n';
        event_.data += value;
        has_data_ = true;
    } else if (field == "id") {
        if (value.find('\0') == std::string_view::npos) id_ = value;
    } else if (field == "retry") {
        std::uint32_t pause_ms = 0;
        auto const [end, failure] = std::from_chars(value.data(), value.data() + value.size(), pause_ms);
        if (failure == std::errc() && end == value.data() + value.size()) pause_ = std::chrono::milliseconds(pause_ms);
    }
}

} // namespace rollcall::client
