#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "collector/store/records.hpp"

/// How people arrange customers, folders, devices and contacts, as data: what a handler asks of the pipeline.
namespace rollcall::api
{

struct AddFolder {
    std::string customer_id;
    std::string parent_id; ///< "" = at the top.
    std::string name;
};

/// Renames and moves.
struct EditFolder {
    std::string id;
    std::string parent_id;
    std::string name;
    std::int64_t version{};
};

struct DeleteFolder {
    std::string id;
    bool move_up = false; ///< What lies in it goes into its parent; otherwise it must be empty.
};

struct EditDevice {
    std::string id;
    std::string assigned_name; ///< "" = none: it is called as its machine.
    std::string folder_id;     ///< "" = none.
    bool monitored = true;
    std::int64_t version{};
};

struct MoveDevices {
    std::vector<std::string> ids;
    std::string customer_id;
    std::string folder_id; ///< "" = none.
};

struct MonitorDevices {
    std::vector<std::string> ids;
    bool monitored = true;
};

struct RetireDevices {
    std::vector<std::string> ids;
};

struct RestoreDevices {
    std::vector<std::string> ids;
};

struct PurgeDevices {
    std::vector<std::string> ids;
};

struct StarDevice {
    store::Favourite favourite;
    bool starred = true;
};

struct StarCustomer {
    store::Favourite favourite;
    bool starred = true;
};

/// By id; its version is the one that the person has seen.
struct EditCustomer {
    store::Customer customer;
};

struct PinFields {
    store::PinnedFields pinned;
};

struct AddContact {
    store::Contact contact;
};

/// By id; its version is the one that the person has seen.
struct EditContact {
    store::Contact contact;
};

struct DeleteContact {
    std::string id;
};

struct ImportContacts {
    std::string customer_id;
    std::vector<store::Contact> contacts;
    bool dry_run = false; ///< Says what would happen and does nothing.
};

/// Done within the scope: what lies outside is not there.
struct Order {
    store::Scope scope;
    std::string technician_id; ///< Who orders it.
    std::string technician;    ///< His name.
    std::variant<AddFolder, EditFolder, DeleteFolder, EditDevice, MoveDevices, MonitorDevices, RetireDevices,
                 RestoreDevices, PurgeDevices, StarDevice, StarCustomer, EditCustomer, PinFields, AddContact,
                 EditContact, DeleteContact, ImportContacts>
        what;
};

/// Of one thing among several: what was not done has a reason.
struct Verdict {
    std::string id;
    std::string refused; ///< One sentence; "" = it was done.
};

struct Ordered {
    std::string id;                ///< Of what was made.
    std::vector<Verdict> verdicts; ///< One for each that was named, in their order.
};

} // namespace rollcall::api
