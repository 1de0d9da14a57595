#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/purges.hpp"
#include "collector/store/records.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// Which devices there are: makes projection, judge and presence know of each at the start, when it is enrolled and
/// when a person moves, retires, takes back or purges it.
///
/// Owns: nothing.  Threads: the writer's only.  Blocks: no, but for the store's answers.
class Roster
{
public:
    /// Closes whatever connection the device still has, besides the one that said hello; may be empty.
    using CloseDevice = std::function<void(std::string_view device_id)>;

    Roster(view::Projection& projection, Presence& presence, Judge& judge, Purges& purges, Clock const& clock,
           CloseDevice const& close_device);

    /// Customers, folders, devices, favourites and alerts of the store. Before there is any work.
    Result<> load(sqlite::Database& db);
    /// After the commit: what everybody has to know of a device that has just been given a certificate, `again` where
    /// it had one before.
    void install(store::Device const& device, bool again, std::string const& remote);
    /// After the commit: it was retired.
    void retire(std::string const& device_id);
    /// After the commit: it was taken back.
    void restore(std::string const& device_id);
    /// After the commit: a person has changed its customer, folder or name, or whether it is monitored.
    void place(store::Device const& device);
    /// After the commit: it is to be deleted.
    void remove(std::string const& device_id);

private:
    Result<> load_device(sqlite::Database& db, store::Device const& device);
    Result<> load_favourites(sqlite::Database& db);
    void warn_of_takeover(std::string const& device_id, std::string const& remote) const;
    void disconnect(std::string const& device_id, std::string_view reason, std::string_view remedy) const;

    view::Projection& projection_;
    Presence& presence_;
    Judge& judge_;
    Purges& purges_;
    Clock const& clock_;
    CloseDevice const& close_device_;
};

} // namespace rollcall::pipeline
