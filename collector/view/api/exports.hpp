#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collector/gateway/ports.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/pool.hpp"
#include "collector/view/filter/evaluate.hpp"
#include "common/core/clock.hpp"

/// Lists as CSV (RFC 4180), written piece by piece as the peer takes it.
namespace rollcall::api
{

/// A text as a field: quoted where it has to be, and never one that a spreadsheet takes for a formula.
[[nodiscard]] std::string csv_text(std::string_view text);
/// What stands in a column: times in ISO 8601 (UTC), "unknown" where nobody knows.
[[nodiscard]] std::string csv_field(filter::Column const& column, filter::Cell const& cell);
/// Fields with commas between, and the end of the line.
[[nodiscard]] std::string csv_line(std::vector<std::string> const& fields);

/// Takes part of a list's ids and writes their lines. A failure ends the file before its end.
using WriteLines = std::function<Result<std::string>(std::vector<std::string> const& ids)>;

/// Who writes lists at the moment: limits::exports of them, and not one technician all of those.
///
/// Owns: its counts.  Threads: any.  Blocks: no.
class ExportPlaces
{
public:
    /// A place, until it is destroyed; nullptr: there is none.
    [[nodiscard]] static std::shared_ptr<void> take(std::shared_ptr<ExportPlaces> const& places,
                                                    std::string const& technician_id);

private:
    std::mutex mutex_;
    std::size_t taken_ = 0;
    std::map<std::string, std::size_t, std::less<>> by_technician_;
};

/// The thread that writes, and how many lists it writes at a time.
///
/// Owns: one thread.  Threads: any.  Blocks: stop() does, until a piece is done.
class Exports
{
public:
    explicit Exports(Clock const& clock)
        : clock_(clock)
    {
    }
    /// To be taken before the lines are looked for; nullptr: too many lists are being written.
    [[nodiscard]] std::shared_ptr<void> take_place(std::string const& technician_id)
    {
        return ExportPlaces::take(places_, technician_id);
    }
    /// The body of an answer. It ends after limits::export_time, finished or not.
    [[nodiscard]] std::shared_ptr<gateway::HttpBody> begin(std::shared_ptr<void> place, std::string head,
                                                           std::vector<std::string> ids, WriteLines write);
    void stop() { writers_->stop(); }

private:
    Clock const& clock_;
    std::shared_ptr<Pool> writers_ = std::make_shared<Pool>(limits::export_threads, limits::exports);
    std::shared_ptr<ExportPlaces> places_ = std::make_shared<ExportPlaces>();
};

} // namespace rollcall::api
