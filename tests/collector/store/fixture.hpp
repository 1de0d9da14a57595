#pragma once

#include <doctest/doctest.h>

#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace rollcall::test
{

/// A store in a folder of its own with one customer, one token and one device.
struct StoreFixture {
    support::TempDir folder;
    std::unique_ptr<store::Store> store = open();

    [[nodiscard]] std::unique_ptr<store::Store> open(std::size_t queue_limit = 8192) const
    {
        auto opened = store::Store::open({.file = folder / "rollcall.db", .queue_limit = queue_limit});
        REQUIRE(opened);
        return std::move(*opened);
    }

    StoreFixture()
    {
        write([](sqlite::Database& db) -> Result<> {
            if (auto r = store::add_customer(db, {.id = "acme", .name = "Acme", .created_ms = 1}); !r) return r;
            store::EnrolmentToken token{.id = "token",
                                        .customer_id = "acme",
                                        .secret_sha256 = sha256_hex("secret"),
                                        .created_ms = 1,
                                        .expires_ms = 1000,
                                        .uses = 2,
                                        .uses_left = 2};
            if (auto r = store::add_token(db, token); !r) return r;
            return store::add_device(db, device("pc"));
        });
    }

    static store::Device device(std::string id)
    {
        store::Device device{.id = id, .customer_id = "acme", .name = id, .hardware_id = "hw-" + id};
        device.fingerprint = "f";
        device.token_id = "token";
        device.enrolled_ms = 5;
        return device;
    }

    void write(store::Store::Work const& work) const { REQUIRE(store->write(work)); }
    void read(store::Store::Work const& work) const { REQUIRE(store->read(work)); }
};

} // namespace rollcall::test
