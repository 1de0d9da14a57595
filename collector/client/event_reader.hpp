#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::client
{

/// Takes a stream of server-sent events apart (HTML Living Standard §9.2.6), and remembers what is needed to go on
/// behind it: the last id and the pause. Pure.
///
/// Owns: the beginning of an event that is not whole yet.  Threads: one at a time.  Blocks: no.
class EventReader
{
public:
    struct Event {
        std::string name; ///< "message" where the stream does not say.
        std::string data;
    };

    /// The events that are whole now. errc::limit_exceeded: one is longer than limits::event_bytes.
    [[nodiscard]] Result<std::vector<Event>> take(std::string_view bytes);
    /// Another stream begins: what was not whole is forgotten, id and pause are not.
    void begin_anew();

    [[nodiscard]] std::string const& last_id() const { return last_id_; }
    /// How long to wait before the stream is opened again, if it said so.
    [[nodiscard]] std::optional<std::chrono::milliseconds> pause() const { return pause_; }

private:
    void take_line(std::string_view line, std::vector<Event>& found);

    std::string rest_;
    bool after_return_ = false; ///< A line feed that comes next belongs to the line before.
    Event event_;
    bool has_data_ = false;
    std::string id_;
    std::string last_id_;
    std::optional<std::chrono::milliseconds> pause_;
};

} // namespace rollcall::client
