#include "collector/gateway/link.hpp"

#include <exception>

#include <boost/asio/post.hpp>

namespace rollcall::gateway
{

bool NoiseGate::allow(std::string_view event)
{
    auto const now = Steady::now();
    unsigned suppressed = 0;
    bool allowed = true;
    {
        std::lock_guard const lock(mutex_);
        auto const found = counts_.try_emplace(std::string(event)).first;
        auto& count = found->second;
        if (now - count.start >= window) {
            suppressed = count.seen > per_window ? count.seen - per_window : 0;
            count = {.start = now, .seen = 0};
        }
        allowed = ++count.seen <= per_window;
    }
    if (suppressed > 0) log::warning("gateway.suppressed", {{"event", event}, {"lines", suppressed}});
    return allowed;
}

bool Hub::admit(std::string const& place)
{
    std::lock_guard const lock(places_mutex_);
    auto& taken = places_[place];
    if (taken >= options.limits.unauthenticated_per_address) return false;
    ++taken;
    return true;
}

void Hub::release(std::string const& place)
{
    std::lock_guard const lock(places_mutex_);
    auto const found = places_.find(place);
    if (found != places_.end() && --found->second == 0) places_.erase(found);
}

Loop::Loop(std::chrono::milliseconds sweep_every)
    : Loop(std::make_unique<asio::io_context>(1), sweep_every)
{
}

Loop::Loop(std::unique_ptr<asio::io_context> io, std::chrono::milliseconds sweep_every)
    : turns(io->get_executor())
    , io_(std::move(io))
    , timer_(*io_)
    , sweep_every_(sweep_every)
{
}

void Loop::post(std::function<void()> work)
{
    std::lock_guard const lock(mutex_);
    if (io_) asio::post(*io_, std::move(work));
}

void Loop::sweep()
{
    timer_->expires_after(sweep_every_);
    timer_->async_wait([this](error_code const& error) {
        if (error) return;
        sweep_once();
        sweep();
    });
}

void Loop::sweep_once()
{
    auto const now = Steady::now();
    last_sweep_ = now;
    for (auto* const link : links)
        link->sweep(now);
}

void Loop::end()
{
    std::unique_ptr<asio::io_context> last;
    {
        std::lock_guard const lock(mutex_);
        last = std::move(io_);
    }
    timer_.reset();
}

Link::Link(std::shared_ptr<Hub> shared, std::shared_ptr<Loop> home, asio::ip::tcp::socket socket, std::string address,
           std::string place)
    : hub(std::move(shared))
    , loop(std::move(home))
    , stream(std::move(socket), *hub->context.current())
    , remote(std::move(address))
    , id(hub->next_connection++)
    , place_(std::move(place))
{
    ++hub->open[static_cast<std::size_t>(kind_)];
    loop->links.insert(this);
    stream.on_linger = [this] { set_deadline(hub->options.limits.closing, "closing"); };
}

Link::~Link()
{
    loop->links.erase(this);
    --hub->open[static_cast<std::size_t>(kind_)];
    hub->bytes_in += stream.bytes_in() - counted_in_;
    hub->bytes_out += stream.bytes_out() - counted_out_;
    if (holds_place_) hub->release(place_);
    if (--hub->open_total == 0) {
        std::lock_guard const lock(hub->empty_mutex);
        hub->empty.notify_all();
    }
}

void Link::become(Kind kind)
{
    --hub->open[static_cast<std::size_t>(kind_)];
    kind_ = kind;
    ++hub->open[static_cast<std::size_t>(kind_)];
    if (kind == Kind::agent && holds_place_) { // It has shown who it is.
        holds_place_ = false;
        hub->release(place_);
        place_ = {};
    }
}

void Link::set_deadline(std::chrono::milliseconds limit, std::string_view why, Progress progress)
{
    limit_ = limit;
    why_ = why;
    progress_ = progress;
    moved_ = moved();
    deadline_ = Steady::now() + limit;
}

void Link::end(std::uint16_t code, std::string_view why)
{
    if (session == nullptr) return stream.close();
    session->end(code, why);
    set_deadline(hub->options.limits.closing, "closing");
}

void Link::sweep(Steady::time_point now)
{
    hub->bytes_in += stream.bytes_in() - counted_in_;
    hub->bytes_out += stream.bytes_out() - counted_out_;
    counted_in_ = stream.bytes_in();
    counted_out_ = stream.bytes_out();

    if (session != nullptr) session->tick(now);
    if (!deadline_) return;
    if (progress_ != Progress::none && moved() != moved_) {
        moved_ = moved();
        deadline_ = now + limit_;
    }
    if (now < *deadline_) return;
    overdue_ = why_;
    deadline_.reset();
    stream.close();
    if (session != nullptr) session->cut();
}

void log_exception(std::exception_ptr const& thrown)
{
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (std::exception const& bug) {
        log::error("gateway.exception", {{"what", bug.what()}});
    }
}

} // namespace rollcall::gateway
