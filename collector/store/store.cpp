#include "collector/store/store.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>

#include "collector/store/audit.hpp"
#include "collector/store/health.hpp"
#include "collector/store/schema.hpp"
#include "common/sqlite/transaction.hpp"

namespace rollcall::store
{

namespace
{

/// The one implementation today: SQLite in the data folder.
class SqliteStore final : public Store
{
public:
    SqliteStore(Options options, sqlite::Database writer, std::vector<std::unique_ptr<sqlite::Database>> readers)
        : options_(std::move(options))
        , health_(options_.file)
        , writer_(std::move(writer))
        , readers_(std::move(readers))
        , thread_([this] { run(); })
    {
    }

    ~SqliteStore() override
    {
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    bool submit(Work work, Done done) override
    {
        {
            std::lock_guard const lock(mutex_);
            if (queue_.size() >= options_.queue_limit) {
                said_no_ = true;
                return false;
            }
            queue_.push_back({std::move(work), std::move(done), AuditScope::current()});
        }
        wake_.notify_one();
        return true;
    }

    Result<> write(Work work) override
    {
        auto const promise = std::make_shared<std::promise<Result<>>>();
        auto future = promise->get_future();
        if (!submit(std::move(work), [promise](Result<> result) { promise->set_value(std::move(result)); }))
            return fail(errc::busy, "store: the queue is full");
        return future.get();
    }

    Result<> read(Work work) override
    {
        std::unique_ptr<sqlite::Database> db;
        {
            std::unique_lock lock(readers_mutex_);
            reader_free_.wait(lock, [&] { return !readers_.empty(); });
            db = std::move(readers_.back());
            readers_.pop_back();
        }
        auto result = read_with(*db, work);
        {
            std::lock_guard const lock(readers_mutex_);
            readers_.push_back(std::move(db));
        }
        reader_free_.notify_one();
        health_.done(result);
        return result;
    }

    void when_drained(std::function<void()> callback) override
    {
        {
            std::lock_guard const lock(mutex_);
            drained_.push_back(std::move(callback));
        }
        wake_.notify_one();
    }

    void on_group_done(std::function<void()> callback) override
    {
        std::lock_guard const lock(mutex_);
        group_done_ = std::move(callback);
    }

    std::size_t queued() const override
    {
        std::lock_guard const lock(mutex_);
        return queue_.size();
    }

    std::int64_t size_bytes() const override
    {
        std::int64_t size = 0;
        for (auto const* const ending : {"", "-wal", "-shm"}) {
            std::error_code missing;
            auto const part = std::filesystem::file_size(options_.file.string() + ending, missing);
            if (!missing) size += static_cast<std::int64_t>(part);
        }
        return size;
    }

    Result<> damage() const override { return health_.damage(); }

private:
    struct Job {
        Work work;
        Done done;
        std::shared_ptr<AuditEntry> audit; ///< Of whoever asked for it; nullptr: nobody did.
        Result<> result;
    };

    static Result<> read_with(sqlite::Database& db, Work const& work)
    {
        auto transaction = sqlite::Transaction::begin(db, sqlite::Transaction::Mode::read);
        if (!transaction) return fail(transaction.error(), "store");
        return work(db);
    }

    /// Half the queue is free again: a sender that was told no does not have to come back for every single place.
    [[nodiscard]] bool may_tell_drained() const
    {
        return !drained_.empty() && (!said_no_ || queue_.size() <= options_.queue_limit / 2);
    }

    void run()
    {
        for (;;) {
            std::vector<std::function<void()>> drained;
            std::vector<Job> group;
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [&] { return stopping_ || !queue_.empty() || may_tell_drained(); });
                if (queue_.empty() && stopping_) return;
                while (!queue_.empty() && group.size() < options_.group_limit) {
                    group.push_back(std::move(queue_.front()));
                    queue_.pop_front();
                }
                if (may_tell_drained()) {
                    drained.swap(drained_);
                    said_no_ = false;
                }
            }
            for (auto const& callback : drained)
                callback();
            if (!group.empty()) commit_group(group);
        }
    }

    void commit_group(std::vector<Job>& group)
    {
        std::size_t ran = 0;
        auto const before = writer_.total_changes();
        auto const committed = try_commit(group, ran);
        // An empty commit touches no disk, and says nothing of it.
        if (!committed || writer_.total_changes() != before) health_.committed(committed, ran);
        if (ran < group.size()) {
            // SQLite gave up the transaction in the middle: those after it have not run and are tried again.
            std::lock_guard const lock(mutex_);
            for (auto job = group.size(); job > ran; --job)
                queue_.push_front(std::move(group[job - 1]));
        }
        std::function<void()> group_done;
        {
            std::lock_guard const lock(mutex_);
            group_done = group_done_;
        }
        for (std::size_t i = 0; i < ran; ++i) {
            auto& job = group[i];
            health_.done(job.result);
            if (!committed && job.result) job.result = committed.error();
            if (job.done) job.done(std::move(job.result));
        }
        if (group_done) group_done();
    }

    /// Runs each work in a savepoint of one transaction. `ran`: how many have an answer by now.
    Result<> try_commit(std::vector<Job>& group, std::size_t& ran)
    {
        auto transaction = sqlite::Transaction::begin(writer_);
        if (!transaction) {
            ran = group.size();
            return transaction.error();
        }
        for (auto& job : group) {
            ++ran;
            job.result = run_one(job);
            if (!writer_.in_transaction())
                return job.result ? Result<>(fail(errc::io, "the transaction was given up")) : job.result;
        }
        return transaction->commit();
    }

    Result<> run_one(Job const& job)
    {
        auto savepoint = sqlite::Transaction::begin(writer_);
        if (!savepoint) return savepoint.error();
        auto result = [&]() -> Result<> {
            AuditScope const asked(job.audit);
            if (job.audit && job.audit->judge && !job.audit->recorded)
                if (auto may = job.audit->judge(writer_); !may) return may;
            return job.work(writer_);
        }();
        if (!result) return result;
        if (job.audit && !job.audit->recorded)
            if (auto noted = append_audit(writer_, row_of(*job.audit, "done")); !noted) return noted;
        auto kept = savepoint->commit();
        if (kept && job.audit) job.audit->recorded = true;
        return kept;
    }

    Options const options_;
    Health health_;
    sqlite::Database writer_; ///< The writer thread's alone.

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::vector<std::function<void()>> drained_;
    std::function<void()> group_done_;
    bool said_no_ = false;
    bool stopping_ = false;

    std::mutex readers_mutex_;
    std::condition_variable reader_free_;
    std::vector<std::unique_ptr<sqlite::Database>> readers_; ///< The free ones.

    std::thread thread_; ///< Last: it uses everything above.
};

} // namespace

Result<std::unique_ptr<Store>> Store::open(Options options)
{
    auto writer = sqlite::Database::open({.path = options.file, .synchronous = sqlite::Synchronous::full});
    if (!writer) return fail(writer.error(), "store");
    std::error_code unknown;
    auto const size = std::filesystem::file_size(options.file, unknown);
    if (!unknown && size <= options.checked_bytes)
        if (auto const whole = writer->check_integrity(); !whole) return fail(whole.error(), "store");
    auto const migrated = sqlite::migrate(*writer, migrations(), compatible_schema);
    if (!migrated) return fail(migrated.error(), "store");
    std::vector<std::unique_ptr<sqlite::Database>> readers;
    for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
        auto reader = sqlite::Database::open({.path = options.file, .read_only = true});
        if (!reader) return fail(reader.error(), "store: reader");
        readers.push_back(std::make_unique<sqlite::Database>(std::move(*reader)));
    }
    std::unique_ptr<Store> store =
        std::make_unique<SqliteStore>(std::move(options), std::move(*writer), std::move(readers));
    return store;
}

} // namespace rollcall::store
