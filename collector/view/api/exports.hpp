#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/gateway/ports.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/pool.hpp"
#include "collector/view/filter/evaluate.hpp"

/// Lists as CSV (RFC 4180), written piece by piece as the peer takes it.
namespace rollcall::api
{

/// A text as a field: quoted where it has to be, and never one that a spreadsheet takes for a formula.
[[nodiscard]] std::string csv_text(std::string_view text);
/// What stands in a column: times in ISO 8601 (UTC), "unknown" where nobody knows.
[[nodiscard]] std::string csv_field(filter::Column const& column, filter::Cell const& cell);
/// Fields with commas between, and the end of the line.
[[nodiscard]] std::string csv_line(std::vector<std::string> const& fields);

/// Takes part of a list's ids and writes their lines.
using WriteLines = std::function<std::string(std::vector<std::string> const& ids)>;

/// The thread that writes, and how many lists it writes at a time.
///
/// Owns: one thread.  Threads: any.  Blocks: stop() does, until a piece is done.
class Exports
{
public:
    /// The body of an answer; nullptr: too many are being written.
    [[nodiscard]] std::shared_ptr<gateway::HttpBody> begin(std::string head, std::vector<std::string> ids,
                                                           WriteLines write);
    void stop() { writers_->stop(); }

private:
    std::shared_ptr<Pool> writers_ = std::make_shared<Pool>(limits::export_threads, limits::exports);
    std::shared_ptr<int> places_ = std::make_shared<int>(0); ///< Each body has a copy.
};

} // namespace rollcall::api
