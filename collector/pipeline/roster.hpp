#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/store/records.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// Which devices there are: makes projection, judge and presence know of each at the start, when it is enrolled and
/// when it is revoked.
///
/// Owns: nothing.  Threads: the writer's only.  Blocks: no, but for the store's answers.
class Roster
{
public:
    /// Closes whatever connection the device still has, besides the one that said hello; may be empty.
    using CloseDevice = std::function<void(std::string_view device_id)>;

    Roster(view::Projection& projection, Presence& presence, Judge& judge, Clock const& clock,
           CloseDevice const& close_device);

    /// Customers, devices and alerts of the store. Before there is any work.
    Result<> load(sqlite::Database& db);
    /// After the commit: what everybody has to know of a device that has just been given a certificate, `again` where
    /// it had one before.
    void install(store::Device const& device, bool again, std::string const& remote);
    /// After the commit: it was revoked.
    void retire(std::string const& device_id);

private:
    Result<> load_device(sqlite::Database& db, store::Device const& device);
    void warn_of_takeover(std::string const& device_id, std::string const& remote) const;
    void disconnect(std::string const& device_id, std::string_view reason, std::string_view remedy) const;

    view::Projection& projection_;
    Presence& presence_;
    Judge& judge_;
    Clock const& clock_;
    CloseDevice const& close_device_;
};

} // namespace rollcall::pipeline
