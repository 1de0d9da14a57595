#include "collector/view/live/live.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "collector/view/api/admission.hpp"
#include "collector/view/api/json.hpp"
#include "collector/view/api/problem.hpp"
#include "collector/view/live/feed.hpp"

namespace rollcall::live
{

/// RFC 6455 §7.4.1: the message violates a policy; browsers know no better fitting code.
static constexpr std::uint16_t policy_violation = 1008;
static constexpr std::uint16_t going_away = 1001;

namespace
{

struct Member {
    std::shared_ptr<gateway::LiveSocket> socket;
    access::Identity identity; ///< With the rights that the feed was made for.
    Feed feed;
};

} // namespace

struct Live::State {
    access::Access& access;
    view::Projection& projection;
    api::Pool& pool;
    Refused refused;
    std::uint64_t listener = 0;

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::map<std::uint64_t, Member> members;
    std::uint64_t next_number = 1;
    bool check_sessions = false;
    bool stopping = false;
    std::thread thread;

    void run();
    void note(view::Change const& change);
    void end_sessions();
    [[nodiscard]] std::uint64_t add(std::shared_ptr<gateway::LiveSocket> socket, access::Identity const& identity);
    void remove(std::uint64_t number);
};

namespace
{

/// The gateway's handle of a member: its end takes the member out.
class Client final : public gateway::LiveClient
{
public:
    explicit Client(std::function<void()> gone)
        : gone_(std::move(gone))
    {
    }
    ~Client() override { gone_(); }
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    /// The page has nothing to say here: it asks through the API.
    void receive(std::string_view) override {}

private:
    std::function<void()> gone_;
};

} // namespace

static std::chrono::milliseconds now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

void Live::State::note(view::Change const& change)
{
    {
        std::lock_guard const lock(mutex);
        for (auto& [number, member] : members)
            member.feed.note(change);
        check_sessions = check_sessions || change.folders;
    }
    wake.notify_one();
}

std::uint64_t Live::State::add(std::shared_ptr<gateway::LiveSocket> socket, access::Identity const& identity)
{
    std::lock_guard const lock(mutex);
    auto const number = next_number++;
    members.emplace(
        number,
        Member{.socket = std::move(socket), .identity = identity, .feed = Feed(identity.scope, identity.permissions)});
    // The session may have ended between the look-up and now.
    check_sessions = true;
    wake.notify_one();
    return number;
}

void Live::State::remove(std::uint64_t number)
{
    std::shared_ptr<gateway::LiveSocket> last; // Freed outside the lock.
    std::lock_guard const lock(mutex);
    auto const found = members.find(number);
    if (found == members.end()) return;
    last = std::move(found->second.socket);
    members.erase(found);
}

void Live::State::end_sessions()
{
    using Standing = access::Access::Standing;
    std::map<std::uint64_t, access::Identity> open;
    {
        std::lock_guard const lock(mutex);
        for (auto const& [number, member] : members)
            open.emplace(number, member.identity);
    }
    std::map<std::uint64_t, Standing> over;
    for (auto const& [number, identity] : open)
        if (auto const standing = access.standing(identity); standing != Standing::same) over.emplace(number, standing);
    std::vector<std::pair<std::shared_ptr<gateway::LiveSocket>, Standing>> sockets;
    {
        std::lock_guard const lock(mutex);
        for (auto const& [number, standing] : over) {
            auto const found = members.find(number);
            if (found == members.end()) continue;
            sockets.emplace_back(std::move(found->second.socket), standing);
            members.erase(found);
        }
    }
    for (auto const& [socket, standing] : sockets) {
        // Whoever has other rights now comes back with those.
        if (standing == Standing::ended) socket->send(std::string(session_ended));
        socket->close(policy_violation, standing == Standing::ended ? "session ended" : "rights changed");
    }
}

void Live::State::run()
{
    auto next_check = now() + limits::session_check;
    for (;;) {
        std::vector<std::pair<std::shared_ptr<gateway::LiveSocket>, std::string>> out;
        {
            std::unique_lock lock(mutex);
            auto const nearest = [&] {
                auto soonest = next_check - now();
                for (auto const& [number, member] : members)
                    if (auto const due = member.feed.due(now())) soonest = std::min(soonest, *due);
                return soonest;
            };
            auto const sleep = nearest();
            if (sleep.count() > 0 && !stopping && !check_sessions) wake.wait_for(lock, sleep);
            if (stopping) return;
            // First who may still hear it, then what there is to hear.
            if (std::exchange(check_sessions, false) || now() >= next_check) {
                lock.unlock();
                end_sessions();
                next_check = now() + limits::session_check;
                lock.lock();
                if (stopping) return;
            }
            for (auto& [number, member] : members)
                if (auto const message = member.feed.take(now()))
                    out.emplace_back(member.socket, boost::json::serialize(api::to_json(*message)));
        }
        for (auto& [socket, text] : out)
            socket->send(std::move(text));
    }
}

Live::Live(access::Access& access, view::Projection& projection, api::Pool& pool, Refused refused)
    : state_(new State{.access = access, .projection = projection, .pool = pool, .refused = std::move(refused)})
{
    std::weak_ptr<State> const weak = state_;
    state_->listener = projection.listen([weak](view::Change const& change) {
        if (auto const state = weak.lock()) state->note(change);
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

Live::~Live() { stop(); }

void Live::stop()
{
    std::map<std::uint64_t, Member> left;
    {
        std::lock_guard const lock(state_->mutex);
        if (state_->stopping) return;
        state_->stopping = true;
        left = std::exchange(state_->members, {});
    }
    state_->wake.notify_one();
    state_->thread.join();
    state_->projection.unlisten(state_->listener);
    for (auto const& [number, member] : left)
        member.socket->close(going_away, "the collector stops");
}

std::size_t Live::clients() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->members.size();
}

void Live::upgrade(gateway::HttpRequest request, Decision decision)
{
    auto const shared = std::make_shared<Decision>(std::move(decision));
    auto const id = request.id;
    auto work = [state = state_, shared, request = std::move(request)] {
        api::Entrance const entrance{
            .guard = api::Guard::member, .needs = api::Needs::nothing(), .from_own_page = true};
        auto const admission = api::admit(state->access, entrance, request);
        if (admission.refusal) {
            state->refused(request, admission);
            return shared->refuse(api::respond(*admission.refusal, request.id));
        }
        std::weak_ptr<State> const weak = state;
        shared->accept([weak, who = *admission.identity](
                           std::shared_ptr<gateway::LiveSocket> socket) -> std::unique_ptr<gateway::LiveClient> {
            auto const still = weak.lock();
            if (!still) return std::make_unique<Client>([] {});
            auto const number = still->add(std::move(socket), who);
            return std::make_unique<Client>([weak, number] {
                if (auto const there = weak.lock()) there->remove(number);
            });
        });
    };
    if (!state_->pool.submit(std::move(work))) shared->refuse(api::respond(api::overloaded(), id));
}

} // namespace rollcall::live
