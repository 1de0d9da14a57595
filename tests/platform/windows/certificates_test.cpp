#include <doctest/doctest.h>

#include <string>

#include <windows.h>

#include <wincrypt.h>

#include <fmt/format.h>

#include "platform/windows/cert_store.hpp"
#include "platform/windows/text.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

/// CERT_STORE_PROV_SYSTEM_W is a macro with a cast of C.
LPCSTR by_name() { return reinterpret_cast<LPCSTR>(std::uintptr_t{10}); }

/// A store of this user, gone with its owner.
class PlantedStore
{
public:
    PlantedStore()
        : name_(fmt::format("RollcallTest-{}", ::GetCurrentProcessId()))
        , store_(::CertOpenStore(by_name(), 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, utf16(name_).c_str()))
    {
    }
    ~PlantedStore()
    {
        ::CertCloseStore(store_, 0);
        (void)::CertOpenStore(by_name(), 0, 0, CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_DELETE_FLAG,
                              utf16(name_).c_str());
    }
    PlantedStore(PlantedStore const&) = delete;
    PlantedStore& operator=(PlantedStore const&) = delete;

    [[nodiscard]] bool add(std::string const& der) const
    {
        bool const added =
            ::CertAddEncodedCertificateToStore(store_, X509_ASN_ENCODING, reinterpret_cast<BYTE const*>(der.data()),
                                               static_cast<DWORD>(der.size()), CERT_STORE_ADD_ALWAYS, nullptr) != FALSE;
        // Until then it may be in this handle alone.
        return added && ::CertControlStore(store_, 0, CERT_STORE_CTRL_COMMIT, nullptr) != FALSE;
    }
    [[nodiscard]] CertPlaces places() const
    {
        CertPlaces places;
        places.location = CERT_SYSTEM_STORE_CURRENT_USER;
        places.location_name = "CurrentUser";
        places.stores = {name_, name_ + "-not-there"};
        return places;
    }

private:
    std::string name_;
    HCERTSTORE store_;
};

} // namespace

TEST_CASE("certificates: what is in a store is told with its thumbprint as its place")
{
    PlantedStore const planted;
    REQUIRE(planted.add(test::fixture("certificates/leaf.der")));
    auto const found = certificates_in(planted.places());
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    auto const& one = found->front();
    CHECK(one.path.starts_with("CurrentUser\\RollcallTest-"));
    CHECK(one.path.size() - one.path.rfind('\\') - 1 == 40);
    REQUIRE(one.facts);
    CHECK(one.facts->issuer == "CN=Test authority,O=Example");
    CHECK(one.facts->serial == "1234");
}

TEST_CASE("certificates: a store that is not there holds none")
{
    CertPlaces places;
    places.location = CERT_SYSTEM_STORE_CURRENT_USER;
    places.stores = {"RollcallTest-nobody"};
    auto const found = certificates_in(places);
    REQUIRE(found);
    CHECK(found->empty());
}

TEST_CASE("certificates: this machine's own can be listed") { CHECK(make_certificates()->list()); }
