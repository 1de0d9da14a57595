#include <doctest/doctest.h>

#include <chrono>

#include "platform/windows/com.hpp"
#include "platform/windows/update_searcher.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/windows/fake_update_agent.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// An update agent of our own, registered in this process under a class of its own while it lives.
class FakeAgent final : public IClassFactory
{
public:
    FakeAgent() { ::CoRegisterClassObject(id(), this, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE, &cookie_); }
    virtual ~FakeAgent() { ::CoRevokeClassObject(cookie_); }
    FakeAgent(FakeAgent const&) = delete;
    FakeAgent& operator=(FakeAgent const&) = delete;

    static CLSID const& id()
    {
        static constexpr CLSID class_id = {
            0x5f2d1c1e, 0x8a54, 0x4a7b, {0x9d, 0x10, 0x52, 0x6f, 0x6c, 0x6c, 0x63, 0x61}};
        return class_id;
    }
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void** object) override
    {
        bool const known = ::IsEqualIID(wanted, IID_IUnknown) || ::IsEqualIID(wanted, IID_IClassFactory);
        *object = known ? static_cast<IClassFactory*>(this) : nullptr;
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* /*outer*/, REFIID wanted, void** object) override
    {
        return session_.QueryInterface(wanted, object);
    }
    HRESULT STDMETHODCALLTYPE LockServer(BOOL /*lock*/) override { return S_OK; }

    test::FakeSession session_;

private:
    ComThread com_;
    DWORD cookie_ = 0;
};

} // namespace

TEST_CASE("patches: what the update agent finds is told with article, size and kind")
{
    FakeAgent const agent;
    auto const patches = make_update_patches(FakeAgent::id(), 10s)->list();
    REQUIRE(patches);
    REQUIRE(patches->size() == 1);
    auto const& patch = patches->front();
    CHECK(patch.package == "Cumulative Update (KB5031358)");
    CHECK(patch.available_version == "KB5031358");
    CHECK(*patch.security);
    CHECK(*patch.size_bytes == 700'000'000);
    CHECK(patch.origin.find("Security Updates") != std::string::npos);
    CHECK(agent.session_.searcher_.criteria_ == L"IsInstalled=0 and IsHidden=0");
}

TEST_CASE("patches: a search that fails is an error with its meaning, never an empty list")
{
    FakeAgent agent;
    agent.session_.searcher_.outcome_ = static_cast<HRESULT>(0x8024402C);
    auto const patches = make_update_patches(FakeAgent::id(), 10s)->list();
    REQUIRE_FALSE(patches);
    CHECK(reason(patches.error()) == "io");
    CHECK(patches.error().trace.find("WU_E_PT_WINHTTP_NAME_NOT_RESOLVED") != std::string::npos);

    agent.session_.searcher_.outcome_ = S_OK;
    agent.session_.searcher_.result_.code_ = orcSucceededWithErrors;
    CHECK_FALSE(make_update_patches(FakeAgent::id(), 10s)->list());
}

TEST_CASE("patches: a search that hangs is asked to stop and has timed out")
{
    FakeAgent agent;
    agent.session_.searcher_.hangs_ = true;
    auto const patches = make_update_patches(FakeAgent::id(), 50ms)->list();
    REQUIRE_FALSE(patches);
    CHECK(reason(patches.error()) == "timed_out");
    CHECK(agent.session_.searcher_.job_.aborted_);
    // It would wait for the end.
    CHECK_FALSE(agent.session_.searcher_.job_.cleaned_up_);

    agent.session_.searcher_.job_.ends_when_told_ = true;
    auto const late = make_update_patches(FakeAgent::id(), 50ms)->list();
    REQUIRE_FALSE(late);
    CHECK(reason(late.error()) == "timed_out");
    CHECK(agent.session_.searcher_.job_.cleaned_up_);
}

TEST_CASE("patches: without an update agent there is no answer")
{
    static constexpr CLSID nobody = {0x5f2d1c1e, 0x8a54, 0x4a7b, {0x9d, 0x10, 0, 0, 0, 0, 0, 1}};
    auto const patches = make_update_patches(nobody, 1s)->list();
    REQUIRE_FALSE(patches);
    CHECK(reason(patches.error()) == "not_supported");
}
