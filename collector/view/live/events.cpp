#include "collector/view/live/events.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "collector/view/api/json.hpp"
#include "collector/view/live/feed.hpp"
#include "collector/view/live/history.hpp"

namespace rollcall::live
{

namespace
{

using Piece = Result<std::string>;
using Take = std::function<void(Piece)>;

struct Stream {
    access::Identity identity;
    Feed feed;
    std::uint64_t read = 0; ///< Number of the last change that the feed has noted.
    std::string first;      ///< Told before everything else.
    access::Access::Standing standing = access::Access::Standing::same;
    bool is_over = false; ///< All has been told.
    Take take = nullptr;  ///< Where its peer waits for the next piece.
    std::chrono::milliseconds silent_since{};
};

/// A piece for somebody who waits for it; handed over without the lock.
struct Handover {
    Take take;
    Piece piece;
};

std::chrono::milliseconds steady_now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::string event_text(std::string_view name, std::string_view id, std::string_view data)
{
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, id, data);
}

} // namespace

struct Events::State {
    access::Access& access;
    view::Projection& projection;
    EventIds const ids{};
    std::uint64_t listener = 0;

    mutable std::mutex mutex;
    std::condition_variable wake;
    History history;
    std::map<std::uint64_t, Stream> streams;
    std::uint64_t next_number = 1;
    bool check_sessions = false;
    bool stopping = false;
    std::thread thread;

    void run();
    void end_sessions();
    void want(std::uint64_t number, Take take);
    void remove(std::uint64_t number);
    /// What is due for a stream whose peer waits; nullopt: nothing.
    [[nodiscard]] std::optional<Piece> next_piece(Stream& stream, std::chrono::milliseconds now) const;
    [[nodiscard]] std::chrono::milliseconds until_next(Stream const& stream, std::chrono::milliseconds now) const;
};

namespace
{

/// The gateway's handle of a stream: its end takes the stream out.
class EventBody final : public gateway::HttpBody
{
public:
    EventBody(std::function<void(Take)> want, std::function<void()> gone)
        : want_(std::move(want))
        , gone_(std::move(gone))
    {
    }
    ~EventBody() override { gone_(); }
    EventBody(EventBody const&) = delete;
    EventBody& operator=(EventBody const&) = delete;

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void next(std::function<void(Result<std::string>)> done) override { want_(std::move(done)); }

private:
    std::function<void(Take)> want_;
    std::function<void()> gone_;
};

} // namespace

void Events::State::want(std::uint64_t number, Take take)
{
    {
        std::lock_guard const lock(mutex);
        auto const found = streams.find(number);
        if (!stopping && found != streams.end()) {
            found->second.take = std::move(take);
            wake.notify_one();
            return;
        }
    }
    take(std::string());
}

void Events::State::remove(std::uint64_t number)
{
    Take last; // Freed outside the lock.
    std::lock_guard const lock(mutex);
    auto const found = streams.find(number);
    if (found == streams.end()) return;
    last = std::move(found->second.take);
    streams.erase(found);
}

std::optional<Piece> Events::State::next_piece(Stream& stream, std::chrono::milliseconds now) const
{
    if (stream.is_over) return Piece(std::string());
    if (!stream.first.empty()) return Piece(std::exchange(stream.first, {}));
    using Standing = access::Access::Standing;
    if (stream.standing == Standing::ended) {
        stream.is_over = true;
        // Without an id: what was noted and not yet sent comes when he is back.
        return Piece(std::string("event: session_ended\ndata: {}\n\n"));
    }
    // Whoever has other rights now comes back with those.
    if (stream.standing == Standing::changed) return Piece(std::string());
    if (!history.after(stream.read, [&](view::Change const& change) { stream.feed.note(change); }))
        return Piece(fail(errc::limit_exceeded, "events: they were taken too slowly"));
    stream.read = history.last();
    if (auto const message = stream.feed.take(now))
        return Piece(event_text("changed", ids.seal(stream.read), boost::json::serialize(api::to_json(*message))));
    if (now - stream.silent_since < limits::keep_alive || stream.feed.due(now)) return std::nullopt;
    // With an id and without data nothing is told, and whoever comes back does so behind what was not for him.
    return Piece(fmt::format(":\nid: {}\n\n", ids.seal(stream.read)));
}

std::chrono::milliseconds Events::State::until_next(Stream const& stream, std::chrono::milliseconds now) const
{
    if (!stream.first.empty() || stream.standing != access::Access::Standing::same || stream.read != history.last())
        return {};
    auto const due = stream.feed.due(now);
    return due ? *due : stream.silent_since + limits::keep_alive - now;
}

void Events::State::end_sessions()
{
    using Standing = access::Access::Standing;
    std::map<std::uint64_t, access::Identity> open;
    {
        std::lock_guard const lock(mutex);
        for (auto const& [number, stream] : streams)
            if (stream.standing == Standing::same) open.emplace(number, stream.identity);
    }
    std::map<std::uint64_t, Standing> over;
    for (auto const& [number, identity] : open)
        if (auto const standing = access.standing(identity); standing != Standing::same) over.emplace(number, standing);
    std::lock_guard const lock(mutex);
    for (auto const& [number, standing] : over)
        if (auto const found = streams.find(number); found != streams.end()) found->second.standing = standing;
}

void Events::State::run()
{
    auto next_check = steady_now() + limits::session_check;
    for (;;) {
        std::vector<Handover> handovers;
        {
            std::unique_lock lock(mutex);
            auto const nearest = [&] {
                auto const now = steady_now();
                auto soonest = next_check - now;
                for (auto const& [number, stream] : streams)
                    if (stream.take) soonest = std::min(soonest, until_next(stream, now));
                return soonest;
            };
            auto const sleep = nearest();
            if (sleep.count() > 0 && !stopping && !check_sessions) wake.wait_for(lock, sleep);
            if (stopping) return;
            // First who may still hear it, then what there is to hear.
            if (std::exchange(check_sessions, false) || steady_now() >= next_check) {
                lock.unlock();
                end_sessions();
                next_check = steady_now() + limits::session_check;
                lock.lock();
                if (stopping) return;
            }
            auto const now = steady_now();
            for (auto& [number, stream] : streams) {
                if (!stream.take) continue;
                auto piece = next_piece(stream, now);
                if (!piece) continue;
                stream.silent_since = now;
                handovers.push_back({.take = std::exchange(stream.take, nullptr), .piece = *std::move(piece)});
            }
        }
        for (auto& [take, piece] : handovers)
            take(std::move(piece));
    }
}

Events::Events(access::Access& access, view::Projection& projection)
    : state_(new State{.access = access, .projection = projection})
{
    std::weak_ptr<State> const weak = state_;
    state_->listener = projection.listen([weak](view::Change const& change) {
        auto const state = weak.lock();
        if (!state) return;
        {
            std::lock_guard const lock(state->mutex);
            state->history.add(change);
            state->check_sessions = state->check_sessions || change.folders;
        }
        state->wake.notify_one();
    });
    access.when_sessions_end([weak] {
        auto const state = weak.lock();
        if (!state) return;
        {
            std::lock_guard const lock(state->mutex);
            state->check_sessions = true;
        }
        state->wake.notify_one();
    });
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Events::~Events() { stop(); }

void Events::stop()
{
    std::map<std::uint64_t, Stream> left;
    {
        std::lock_guard const lock(state_->mutex);
        if (state_->stopping) return;
        state_->stopping = true;
        left = std::exchange(state_->streams, {});
    }
    state_->wake.notify_one();
    state_->thread.join();
    state_->projection.unlisten(state_->listener);
    for (auto& [number, stream] : left)
        if (stream.take) stream.take(std::string());
}

std::size_t Events::streams() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->streams.size();
}

api::Outcome<std::shared_ptr<gateway::HttpBody>> Events::open(access::Identity const& identity,
                                                              std::string_view last_id)
{
    auto const wanted = last_id.empty() ? std::nullopt : state_->ids.open(last_id);
    std::lock_guard const lock(state_->mutex);
    if (state_->stopping) return api::overloaded();
    auto const own = std::ranges::count_if(state_->streams, [&](auto const& entry) {
        return entry.second.identity.technician.id == identity.technician.id;
    });
    if (state_->streams.size() >= limits::streams || static_cast<std::size_t>(own) >= limits::streams_per_technician)
        return api::problem(503, "overloaded", "The collector is busy",
                            fmt::format("{} streams of events are open already, or {} of yours.", limits::streams,
                                        limits::streams_per_technician),
                            {}, "End one of them, or try again in a minute.");
    auto const number = state_->next_number++;
    auto const last = state_->history.last();
    bool const is_kept = wanted && state_->history.after(*wanted, [](view::Change const&) {});
    Stream stream{.identity = identity,
                  .feed = Feed(identity.scope, identity.permissions),
                  .read = is_kept ? *wanted : last,
                  .first = fmt::format("retry: {}\n", limits::come_back.count()),
                  .silent_since = steady_now()};
    auto const id = state_->ids.seal(stream.read);
    // Without data nothing is told but the id.
    stream.first += last_id.empty() || is_kept ? fmt::format("id: {}\n\n", id) : event_text("reset", id, "{}");
    state_->streams.emplace(number, std::move(stream));
    // The session may have ended between the look-up and now.
    state_->check_sessions = true;
    state_->wake.notify_one();
    std::weak_ptr<State> const weak = state_;
    return std::make_shared<EventBody>(
        [weak, number](Take take) {
            if (auto const state = weak.lock()) return state->want(number, std::move(take));
            take(std::string());
        },
        [weak, number] {
            if (auto const state = weak.lock()) state->remove(number);
        });
}

} // namespace rollcall::live
