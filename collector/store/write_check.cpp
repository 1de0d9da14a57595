#include "collector/store/write_check.hpp"

namespace rollcall::store
{

WriteCheck::WriteCheck(Store& store, Clock const& clock)
    : store_(store)
    , clock_(clock)
{
}

Result<> WriteCheck::answer()
{
    std::lock_guard const lock(mutex_);
    if (answered_at_ && clock_.steady() - *answered_at_ < kept) return answer_;
    answer_ = store_.write([](sqlite::Database& db) { return db.touch(); });
    answered_at_ = clock_.steady();
    return answer_;
}

} // namespace rollcall::store
