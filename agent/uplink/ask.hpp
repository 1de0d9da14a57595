#pragma once

// Knows Asio: included by session.cpp, renewal.cpp and uplink.cpp only.

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/spool/spool_thread.hpp"
#include "common/core/result.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;

/// Runs `job` on the spool's thread and comes back with its answer. A spool that is damaged is begun anew.
template <class T>
asio::awaitable<Result<T>> ask(spool::SpoolQueue& spool, std::function<Result<T>(spool::Spool&)> job)
{
    auto start = [&spool, job = std::move(job)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor = asio::get_associated_executor(*shared);
        spool.post([job = std::move(job), shared, executor, options = spool.options()](spool::Spool& it) mutable {
            auto answer = job(it);
            if (!answer && spool::SpoolThread::mend(it, options, answer.error()))
                answer = fail(errc::corrupt, "the spool began anew");
            asio::post(executor, [shared = std::move(shared), answer = std::move(answer)]() mutable {
                std::move (*shared)(std::move(answer));
            });
        });
    };
    return asio::async_initiate<asio::use_awaitable_t<> const, void(Result<T>)>(std::move(start), asio::use_awaitable);
}

} // namespace rollcall::uplink
