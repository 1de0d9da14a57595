#include <doctest/doctest.h>

#include <chrono>

#include "platform/windows/com.hpp"
#include "platform/windows/update_searcher.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/windows/update_agent_stubs.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

/// The second method after IUnknown's three is that which tells of the end (ISearchCompletedCallback). In a namespace
/// with a name: of one that only this file can know, the compiler would conclude that nobody implements it.
namespace rollcall::test
{
struct CompletedCallback : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Invoke(ISearchJob* job, IDispatch* arguments) = 0;
};
} // namespace rollcall::test

namespace
{

HRESULT give_text(char const* text, BSTR* to)
{
    Bstr const whole(text);
    *to = ::SysAllocString(whole.get());
    return S_OK;
}

class FakeIdentity final : public test::UpdateIdentityStub
{
public:
    HRESULT STDMETHODCALLTYPE get_UpdateID(BSTR* id) override
    {
        return give_text("11111111-2222-3333-4444-555555555555", id);
    }
};

class FakeArticles final : public test::StringCollectionStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Count(LONG* count) override
    {
        *count = 1;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Item(LONG /*index*/, BSTR* text) override { return give_text("5031358", text); }
};

class FakeCategory final : public test::CategoryStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Name(BSTR* text) override { return give_text("Security Updates", text); }
    HRESULT STDMETHODCALLTYPE get_Type(BSTR* text) override { return give_text("UpdateClassification", text); }
    HRESULT STDMETHODCALLTYPE get_CategoryID(BSTR* text) override
    {
        return give_text("0fa1201d-4330-4fa8-8ae9-b877473b6441", text);
    }
};

class FakeCategories final : public test::CategoryCollectionStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Count(LONG* count) override
    {
        *count = 1;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Item(LONG /*index*/, ICategory** category) override
    {
        *category = &category_;
        return S_OK;
    }

private:
    FakeCategory category_;
};

class FakeUpdate final : public test::UpdateStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Title(BSTR* text) override
    {
        return give_text("Cumulative Update (KB5031358)", text);
    }
    HRESULT STDMETHODCALLTYPE get_Identity(IUpdateIdentity** identity) override
    {
        *identity = &identity_;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_KBArticleIDs(IStringCollection** articles) override
    {
        *articles = &articles_;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Categories(ICategoryCollection** categories) override
    {
        *categories = &categories_;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_MaxDownloadSize(DECIMAL* size) override { return ::VarDecFromI8(700'000'000, size); }
    HRESULT STDMETHODCALLTYPE get_IsDownloaded(VARIANT_BOOL* downloaded) override
    {
        *downloaded = VARIANT_FALSE;
        return S_OK;
    }

private:
    FakeIdentity identity_;
    FakeArticles articles_;
    FakeCategories categories_;
};

class FakeUpdates final : public test::UpdateCollectionStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Count(LONG* count) override
    {
        *count = 1;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Item(LONG /*index*/, IUpdate** update) override
    {
        *update = &update_;
        return S_OK;
    }

private:
    FakeUpdate update_;
};

class FakeResult final : public test::SearchResultStub
{
public:
    HRESULT STDMETHODCALLTYPE get_ResultCode(OperationResultCode* code) override
    {
        *code = code_;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Updates(IUpdateCollection** updates) override
    {
        *updates = &updates_;
        return S_OK;
    }
    OperationResultCode code_ = orcSucceeded;

private:
    FakeUpdates updates_;
};

HRESULT tell_of_the_end(IUnknown* completed, ISearchJob* job)
{
    static constexpr IID callback_id = {0x88aee058, 0xd4b0, 0x4725, {0xa2, 0xf1, 0x81, 0x4a, 0x67, 0xae, 0x96, 0x4c}};
    test::CompletedCallback* callback = nullptr;
    auto const outcome = completed->QueryInterface(callback_id, reinterpret_cast<void**>(&callback));
    if (FAILED(outcome)) return outcome;
    callback->Invoke(job, nullptr);
    callback->Release();
    return S_OK;
}

class FakeJob final : public test::SearchJobStub
{
public:
    HRESULT STDMETHODCALLTYPE RequestAbort() override
    {
        aborted_ = true;
        return ends_when_told_ ? tell_of_the_end(completed_, this) : S_OK;
    }
    HRESULT STDMETHODCALLTYPE CleanUp() override
    {
        cleaned_up_ = true;
        return S_OK;
    }
    IUnknown* completed_ = nullptr; ///< Of a search under way.
    bool ends_when_told_ = false;
    bool aborted_ = false;
    bool cleaned_up_ = false;
};

class FakeSearcher final : public test::UpdateSearcherStub
{
public:
    HRESULT STDMETHODCALLTYPE BeginSearch(BSTR criteria, IUnknown* completed, VARIANT /*state*/,
                                          ISearchJob** job) override
    {
        criteria_ = criteria;
        *job = &job_;
        job_.completed_ = completed;
        return hangs_ ? S_OK : tell_of_the_end(completed, &job_);
    }
    HRESULT STDMETHODCALLTYPE EndSearch(ISearchJob* /*job*/, ISearchResult** result) override
    {
        if (FAILED(outcome_)) return outcome_;
        *result = &result_;
        return S_OK;
    }

    bool hangs_ = false;
    HRESULT outcome_ = S_OK;
    std::wstring criteria_;
    FakeJob job_;
    FakeResult result_;
};

class FakeSession final : public test::UpdateSessionStub
{
public:
    HRESULT STDMETHODCALLTYPE CreateUpdateSearcher(IUpdateSearcher** searcher) override
    {
        *searcher = &searcher_;
        return S_OK;
    }
    FakeSearcher searcher_;
};

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

    FakeSession session_;

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
