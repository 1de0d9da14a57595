#pragma once

#include <string>

#include <wuapi.h>

#include "platform/windows/com.hpp"
#include "tests/platform/windows/update_agent_stubs.hpp"

/// A Windows Update Agent that finds what a test tells it to: one update, an error, or nothing for ever.
namespace rollcall::test
{

/// The second method after IUnknown's three is that which tells of the end (ISearchCompletedCallback). In a namespace
/// with a name: of one that only this file can know, the compiler would conclude that nobody implements it.
struct CompletedCallback : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Invoke(ISearchJob* job, IDispatch* arguments) = 0;
};

inline HRESULT give_text(char const* text, BSTR* to)
{
    platform::Bstr const whole(text);
    *to = ::SysAllocString(whole.get());
    return S_OK;
}

class FakeIdentity final : public UpdateIdentityStub
{
public:
    HRESULT STDMETHODCALLTYPE get_UpdateID(BSTR* id) override
    {
        return give_text("11111111-2222-3333-4444-555555555555", id);
    }
};

class FakeArticles final : public StringCollectionStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Count(LONG* count) override
    {
        *count = 1;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE get_Item(LONG /*index*/, BSTR* text) override { return give_text("5031358", text); }
};

class FakeCategory final : public CategoryStub
{
public:
    HRESULT STDMETHODCALLTYPE get_Name(BSTR* text) override { return give_text("Security Updates", text); }
    HRESULT STDMETHODCALLTYPE get_Type(BSTR* text) override { return give_text("UpdateClassification", text); }
    HRESULT STDMETHODCALLTYPE get_CategoryID(BSTR* text) override
    {
        return give_text("0fa1201d-4330-4fa8-8ae9-b877473b6441", text);
    }
};

class FakeCategories final : public CategoryCollectionStub
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

class FakeUpdate final : public UpdateStub
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

class FakeUpdates final : public UpdateCollectionStub
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

class FakeResult final : public SearchResultStub
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

inline HRESULT tell_of_the_end(IUnknown* completed, ISearchJob* job)
{
    static constexpr IID callback_id = {0x88aee058, 0xd4b0, 0x4725, {0xa2, 0xf1, 0x81, 0x4a, 0x67, 0xae, 0x96, 0x4c}};
    CompletedCallback* callback = nullptr;
    auto const outcome = completed->QueryInterface(callback_id, reinterpret_cast<void**>(&callback));
    if (FAILED(outcome)) return outcome;
    callback->Invoke(job, nullptr);
    callback->Release();
    return S_OK;
}

class FakeJob final : public SearchJobStub
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

class FakeSearcher final : public UpdateSearcherStub
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

class FakeSession final : public UpdateSessionStub
{
public:
    HRESULT STDMETHODCALLTYPE CreateUpdateSearcher(IUpdateSearcher** searcher) override
    {
        *searcher = &searcher_;
        return S_OK;
    }
    FakeSearcher searcher_;
};

} // namespace rollcall::test
