#include "platform/system_log.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <windows.h>

#include <winevt.h>

#include <fmt/format.h>

#include "platform/windows/clock.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/log_position.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr auto channel = L"System";
constexpr DWORD batch = 64;
/// So long the event log may take for one batch.
constexpr DWORD next_limit_ms = 5'000;
/// A record has 64 KB at most.
constexpr std::size_t render_bytes = std::size_t{128} * 1024;
constexpr std::size_t message_units = std::size_t{16} * 1024;

struct CloseEvt {
    void operator()(EVT_HANDLE handle) const { ::EvtClose(handle); }
};
using EvtHandle = std::unique_ptr<std::remove_pointer_t<EVT_HANDLE>, CloseEvt>;

/// All records, the oldest or the newest of them first.
Result<EvtHandle> query_log(DWORD direction)
{
    EvtHandle query(::EvtQuery(nullptr, channel, L"*", EvtQueryChannelPath | direction));
    if (query) return query;
    auto why = fail_windows(::GetLastError(), "system_log: EvtQuery");
    // A machine without that channel keeps no log that we could read.
    if (reason(why) == to_string(errc::not_found)) return fail(errc::not_supported, std::move(why.trace));
    return why;
}

/// The next ones; none at the end.
Result<std::vector<EvtHandle>> next_records(EVT_HANDLE query, DWORD most)
{
    std::array<EVT_HANDLE, batch> handles{};
    DWORD count = 0;
    if (!::EvtNext(query, most, handles.data(), next_limit_ms, 0, &count)) {
        auto const error = ::GetLastError();
        if (error == ERROR_NO_MORE_ITEMS) return std::vector<EvtHandle>{};
        return fail_windows(error, "system_log: EvtNext");
    }
    std::vector<EvtHandle> records;
    for (DWORD i = 0; i < count && i < batch; ++i)
        records.emplace_back(handles.at(i));
    return records;
}

/// What every record says of itself (the element System of its XML).
struct RecordHead {
    std::uint64_t id{};
    std::int64_t at_ms{};
    std::uint32_t event_id{};
    std::uint32_t level{};
    std::uint32_t process_id{};
    std::wstring provider;
};

/// Reads heads, into one buffer again and again.
class HeadReader
{
public:
    [[nodiscard]] Result<RecordHead> read(EVT_HANDLE record)
    {
        // Not before there is a record: where no log is kept, nobody need render it.
        if (!context_) {
            context_.reset(::EvtCreateRenderContext(0, nullptr, EvtRenderContextSystem));
            buffer_.resize(render_bytes / sizeof(EVT_VARIANT));
        }
        if (!context_) return fail_windows(::GetLastError(), "system_log: EvtCreateRenderContext");
        DWORD used = 0;
        DWORD count = 0;
        if (!::EvtRender(context_.get(), record, EvtRenderEventValues,
                         static_cast<DWORD>(buffer_.size() * sizeof(EVT_VARIANT)), buffer_.data(), &used, &count))
            return fail_windows(::GetLastError(), "system_log: EvtRender");
        RecordHead head;
        auto const at = [&](DWORD property, DWORD type) -> EVT_VARIANT const* {
            return property < count && buffer_[property].Type == type ? &buffer_[property] : nullptr;
        };
        auto const* const id = at(EvtSystemEventRecordId, EvtVarTypeUInt64);
        auto const* const time = at(EvtSystemTimeCreated, EvtVarTypeFileTime);
        if (id == nullptr || time == nullptr) return fail(errc::bad_message, "system_log: a record without id or time");
        head.id = id->UInt64Val;
        head.at_ms = unix_ms(time->FileTimeVal);
        if (auto const* const number = at(EvtSystemEventID, EvtVarTypeUInt16)) head.event_id = number->UInt16Val;
        if (auto const* const level = at(EvtSystemLevel, EvtVarTypeByte)) head.level = level->ByteVal;
        if (auto const* const process = at(EvtSystemProcessID, EvtVarTypeUInt32)) head.process_id = process->UInt32Val;
        if (auto const* const name = at(EvtSystemProviderName, EvtVarTypeString))
            head.provider = name->StringVal == nullptr ? L"" : name->StringVal;
        return head;
    }

private:
    EvtHandle context_;
    std::vector<EVT_VARIANT> buffer_;
};

/// The words of records, from the libraries of those who write them. Each is opened once.
class Messages
{
public:
    [[nodiscard]] std::string of(EVT_HANDLE record, RecordHead const& head)
    {
        auto found = publishers_.find(head.provider);
        if (found == publishers_.end())
            found = publishers_
                        .emplace(head.provider,
                                 EvtHandle(::EvtOpenPublisherMetadata(nullptr, head.provider.c_str(), nullptr, 0, 0)))
                        .first;
        std::vector<wchar_t> text(message_units);
        DWORD used = 0;
        // Also where it fails for one placeholder, or for one too many, the rest of the text is there.
        bool const whole = found->second != nullptr &&
                           ::EvtFormatMessage(found->second.get(), record, 0, 0, nullptr, EvtFormatMessageEvent,
                                              static_cast<DWORD>(text.size()), text.data(), &used);
        auto const error = whole ? DWORD{ERROR_SUCCESS} : ::GetLastError();
        bool const partly = error == ERROR_EVT_UNRESOLVED_VALUE_INSERT ||
                            error == ERROR_EVT_UNRESOLVED_PARAMETER_INSERT || error == ERROR_EVT_MAX_INSERTS_REACHED;
        if (found->second == nullptr || !(whole || partly)) return fmt::format("Event {}", head.event_id);
        std::wstring_view units(text.data(), text.size());
        units = units.substr(0, units.find(L'\0'));
        return fmt::format("Event {}: {}", head.event_id, utf8(units));
    }

private:
    std::map<std::wstring, EvtHandle> publishers_;
};

class WindowsSystemLog final : public SystemLog
{
public:
    [[nodiscard]] Result<LogReading> read(std::string const& position, std::size_t most) override
    {
        HeadReader heads;
        auto const newest = end_of_log(heads, EvtQueryReverseDirection);
        if (!newest) return newest.error();
        LogReading reading;
        reading.kept_by = "Windows Event Log";
        reading.persistent = true;
        auto const oldest = end_of_log(heads, EvtQueryForwardDirection);
        if (oldest && *oldest)
            reading.oldest_ms = (*oldest)->at_ms;
        else
            reading.oldest_ms = oldest ? fail(errc::not_found, "system_log: it is empty") : oldest.error();
        auto const newest_id = *newest ? (*newest)->id : 0;
        reading.position = to_text({.record_id = newest_id});
        auto after = parse_log_position(position);
        if (!after || after->record_id == newest_id) return reading;
        // It was cleared, and counts from 1 again: all that is there is new.
        if (after->record_id > newest_id) after->record_id = 0;
        if (auto const told = tell(*after, newest_id, most, heads, reading); !told) return told.error();
        return reading;
    }

private:
    /// The first record from that side; nothing where the log is empty.
    [[nodiscard]] static Result<std::optional<RecordHead>> end_of_log(HeadReader& heads, DWORD direction)
    {
        auto const query = query_log(direction);
        if (!query) return query.error();
        auto const records = next_records(query->get(), 1);
        if (!records) return records.error();
        if (records->empty()) return std::optional<RecordHead>();
        auto head = heads.read(records->front().get());
        if (!head) return head.error();
        return std::optional(*std::move(head));
    }

    struct KeptRecord {
        EvtHandle record;
        RecordHead head;
    };

    /// Errors after `after` up to `newest_id`: what comes while we read is for the next time. Read from the newest one
    /// back, for to a question with a condition Windows reads its whole log from the beginning, each time.
    [[nodiscard]] static Result<> tell(LogPosition after, std::uint64_t newest_id, std::size_t most, HeadReader& heads,
                                       LogReading& reading)
    {
        auto const query = query_log(EvtQueryReverseDirection);
        if (!query) return query.error();
        std::deque<KeptRecord> kept; // The newest first.
        for (bool all_seen = false; !all_seen;) {
            auto records = next_records(query->get(), batch);
            if (!records) return records.error();
            all_seen = records->empty();
            for (auto& record : *records) {
                auto head = heads.read(record.get());
                if (!head) continue; // One that is damaged must not hide the others for ever.
                if (head->id <= after.record_id) {
                    all_seen = true;
                    break;
                }
                if (head->id > newest_id || !is_error_level(head->level) ||
                    head->process_id == ::GetCurrentProcessId() || is_about_logins(utf8(head->provider)))
                    continue;
                kept.push_back({.record = std::move(record), .head = *std::move(head)});
                if (kept.size() <= most) continue;
                kept.pop_front();
                ++reading.left_out;
            }
        }
        Messages messages;
        for (auto one = kept.rbegin(); one != kept.rend(); ++one) {
            LogRecord told;
            told.at_ms = one->head.at_ms;
            told.source = utf8(one->head.provider);
            told.unit = fail(errc::not_found, "system_log: Windows names no service");
            told.priority = one->head.level == critical_level ? "critical" : "error";
            told.message = messages.of(one->record.get(), one->head);
            reading.records.push_back(std::move(told));
        }
        return {};
    }
};

} // namespace

std::unique_ptr<SystemLog> make_system_log(Root const& /*root*/) { return std::make_unique<WindowsSystemLog>(); }

} // namespace rollcall::platform
