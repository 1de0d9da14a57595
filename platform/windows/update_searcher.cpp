#include "platform/windows/update_searcher.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <wuapi.h>

#include <fmt/format.h>

#include "platform/windows/com.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/update_errors.hpp"
#include "platform/windows/update_list.hpp"

namespace rollcall::platform
{

namespace
{

/// What Windows offers to install, without what somebody hid.
constexpr auto search_criteria = "IsInstalled=0 and IsHidden=0";
constexpr LONG most_updates = 10'000;
/// So long a search that was told to end may take for it.
constexpr std::chrono::milliseconds abort_limit = std::chrono::seconds(10);
constexpr LONG most_list_items = 1'000;

/// ISearchCompletedCallback, which mingw-w64 10 does not have.
struct SearchCompleted : IUnknown {
    /// The job, and an ISearchCompletedCallbackArgs without members.
    virtual HRESULT STDMETHODCALLTYPE Invoke(ISearchJob* job, IDispatch* arguments) = 0;
};
constexpr IID search_completed_id = {0x88aee058, 0xd4b0, 0x4725, {0xa2, 0xf1, 0x81, 0x4a, 0x67, 0xae, 0x96, 0x4c}};

std::uint32_t number_of(HRESULT code) { return static_cast<std::uint32_t>(code); }

/// Sets an event when the search is over. The agent holds it beyond us where it does not come back.
class SearchDone final : public SearchCompleted
{
public:
    explicit SearchDone(HANDLE event)
        : event_(event)
    {
    }
    virtual ~SearchDone() = default;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void** object) override
    {
        if (object == nullptr) return E_POINTER;
        *object = nullptr;
        if (!::IsEqualIID(wanted, IID_IUnknown) && !::IsEqualIID(wanted, search_completed_id)) return E_NOINTERFACE;
        *object = static_cast<SearchCompleted*>(this);
        AddRef();
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override
    {
        auto const left = --references_;
        // COM's objects end themselves.
        if (left == 0) std::unique_ptr<SearchDone>(this).reset();
        return left;
    }
    HRESULT STDMETHODCALLTYPE Invoke(ISearchJob* /*job*/, IDispatch* /*arguments*/) override
    {
        ::SetEvent(event_.get());
        return S_OK;
    }

private:
    std::atomic<ULONG> references_{1};
    Handle event_;
};

/// From now on COM, and what it loaded, stays for as long as this program runs: the last CoUninitialize would unload
/// it.
void keep_com()
{
    static auto const kept = [] {
        CO_MTA_USAGE_COOKIE cookie = nullptr;
        return ::CoIncrementMTAUsage(&cookie);
    }();
    (void)kept;
}

/// A handle of our own for the same event: the callback may outlive the search.
HANDLE second_handle(HANDLE event)
{
    HANDLE copy = nullptr;
    ::DuplicateHandle(::GetCurrentProcess(), event, ::GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return copy;
}

std::vector<std::string> texts_of(IStringCollection* list)
{
    std::vector<std::string> texts;
    LONG count = 0;
    if (list == nullptr || FAILED(list->get_Count(&count))) return texts;
    for (LONG i = 0; i < count && i < most_list_items; ++i) {
        Bstr text;
        if (SUCCEEDED(list->get_Item(i, text.out()))) texts.push_back(text.text());
    }
    return texts;
}

bool read_categories(IUpdate* update, std::vector<UpdateCategory>& categories)
{
    ComPtr<ICategoryCollection> list;
    LONG count = 0;
    if (FAILED(update->get_Categories(list.out())) || !list || FAILED(list->get_Count(&count))) return false;
    bool whole = true;
    for (LONG i = 0; i < count && i < most_list_items; ++i) {
        ComPtr<ICategory> category;
        Bstr id;
        Bstr type;
        Bstr name;
        if (FAILED(list->get_Item(i, category.out())) || !category || FAILED(category->get_CategoryID(id.out()))) {
            whole = false;
            continue;
        }
        (void)category->get_Type(type.out());
        (void)category->get_Name(name.out());
        categories.push_back({.id = id.text(), .type = type.text(), .name = name.text()});
    }
    return whole;
}

Fact<std::int64_t> download_size(IUpdate* update)
{
    DECIMAL size{};
    auto const outcome = update->get_MaxDownloadSize(&size);
    if (FAILED(outcome)) return fail_update(number_of(outcome), "patches: MaxDownloadSize");
    LONG64 bytes = 0;
    auto const converted = ::VarI8FromDec(&size, &bytes);
    if (FAILED(converted) || bytes < 0) return fail(errc::bad_message, "patches: MaxDownloadSize");
    return std::int64_t{bytes};
}

Result<AvailableUpdate> read_update(IUpdate* update)
{
    AvailableUpdate seen;
    Bstr title;
    if (auto const outcome = update->get_Title(title.out()); FAILED(outcome))
        return fail_update(number_of(outcome), "patches: Title");
    seen.title = title.text();
    ComPtr<IUpdateIdentity> identity;
    Bstr id;
    if (SUCCEEDED(update->get_Identity(identity.out())) && identity && SUCCEEDED(identity->get_UpdateID(id.out())))
        seen.id = id.text();
    ComPtr<IStringCollection> articles;
    if (SUCCEEDED(update->get_KBArticleIDs(articles.out()))) seen.kb_ids = texts_of(articles.get());
    Bstr severity;
    if (SUCCEEDED(update->get_MsrcSeverity(severity.out()))) seen.severity = severity.text();
    seen.categories_known = read_categories(update, seen.categories);
    VARIANT_BOOL downloaded = VARIANT_FALSE;
    seen.downloaded = SUCCEEDED(update->get_IsDownloaded(&downloaded)) && downloaded != VARIANT_FALSE;
    seen.download_bytes = download_size(update);
    return seen;
}

Result<std::vector<AvailableUpdate>> read_updates(ISearchResult* result)
{
    OperationResultCode code = orcNotStarted;
    if (auto const outcome = result->get_ResultCode(&code); FAILED(outcome))
        return fail_update(number_of(outcome), "patches: ResultCode");
    // With errors, some of a list is missing: which is no list.
    if (code != orcSucceeded) return fail(errc::io, fmt::format("patches: the search ended with code {}", int{code}));
    ComPtr<IUpdateCollection> list;
    LONG count = 0;
    auto outcome = result->get_Updates(list.out());
    if (SUCCEEDED(outcome) && list) outcome = list->get_Count(&count);
    if (FAILED(outcome) || !list) return fail_update(number_of(outcome), "patches: Updates");
    if (count > most_updates) return fail(errc::limit_exceeded, "patches: too many updates");
    std::vector<AvailableUpdate> updates;
    for (LONG i = 0; i < count; ++i) {
        ComPtr<IUpdate> update;
        outcome = list->get_Item(i, update.out());
        if (FAILED(outcome) || !update) return fail_update(number_of(outcome), "patches: an update");
        auto seen = read_update(update.get());
        if (!seen) return seen.error();
        updates.push_back(*std::move(seen));
    }
    return updates;
}

/// "Specify intranet Microsoft update service location": the machine asks a server of its own network.
std::string_view update_source()
{
    static constexpr auto policy = "SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU";
    auto const key = Registry::open(HKEY_LOCAL_MACHINE, policy);
    auto const used = key ? key->number("UseWUServer") : Result<std::uint32_t>(key.error());
    return used && *used == 1 ? "WSUS" : "Windows Update";
}

class UpdatePatches final : public Patches
{
public:
    UpdatePatches(CLSID const& session, std::chrono::milliseconds limit)
        : session_(session)
        , limit_(limit)
    {
    }

    [[nodiscard]] Result<std::vector<Patch>> list() override
    {
        ComThread const com;
        if (auto const ready = com.ready(); !ready) return fail(ready.error(), "patches");
        ComPtr<IUpdateSession> session;
        auto outcome = ::CoCreateInstance(session_, nullptr, CLSCTX_INPROC_SERVER, __uuidof(IUpdateSession),
                                          reinterpret_cast<void**>(session.out()));
        if (FAILED(outcome) || !session) return failed(outcome, "patches: Windows Update Agent");
        ComPtr<IUpdateSearcher> searcher;
        outcome = session->CreateUpdateSearcher(searcher.out());
        if (FAILED(outcome) || !searcher) return failed(outcome, "patches: CreateUpdateSearcher");
        auto const result = search(searcher.get());
        if (!result) return result.error();
        auto const updates = read_updates(result->get());
        if (!updates) return updates.error();
        return patches_of(*updates, update_source());
    }

private:
    static Error failed(HRESULT outcome, std::string_view step)
    {
        // A success without an object is none.
        if (SUCCEEDED(outcome)) return fail(errc::io, fmt::format("{}: nothing", step));
        if (outcome == E_NOTIMPL || outcome == REGDB_E_CLASSNOTREG)
            return fail(errc::not_supported, fmt::format("{}: not on this system", step));
        return fail_update(number_of(outcome), step);
    }

    [[nodiscard]] Result<ComPtr<ISearchResult>> search(IUpdateSearcher* searcher) const
    {
        Handle const over(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
        if (!over) return fail(errc::io, "patches: no event");
        ComPtr<SearchDone> const callback(std::make_unique<SearchDone>(second_handle(over.get())).release());
        Bstr const criteria(search_criteria);
        ComPtr<ISearchJob> job;
        VARIANT no_state;
        ::VariantInit(&no_state);
        auto outcome = searcher->BeginSearch(criteria.get(), callback.get(), no_state, job.out());
        if (FAILED(outcome) || !job) return failed(outcome, "patches: search");
        if (::WaitForSingleObject(over.get(), static_cast<DWORD>(limit_.count())) != WAIT_OBJECT_0) {
            (void)job->RequestAbort();
            // CleanUp waits for the end, however long that takes: so it is not called before. The agent's own threads
            // may be at work beyond it, and their library must not be unloaded under them.
            auto const patience = std::min<std::chrono::milliseconds>(limit_, abort_limit);
            if (::WaitForSingleObject(over.get(), static_cast<DWORD>(patience.count())) == WAIT_OBJECT_0)
                (void)job->CleanUp();
            else
                keep_com();
            return fail(errc::timed_out, "patches: the search did not end");
        }
        ComPtr<ISearchResult> result;
        outcome = searcher->EndSearch(job.get(), result.out());
        (void)job->CleanUp();
        if (FAILED(outcome) || !result) return failed(outcome, "patches: search");
        return result;
    }

    CLSID session_;
    std::chrono::milliseconds limit_;
};

} // namespace

std::unique_ptr<Patches> make_update_patches(CLSID const& session, std::chrono::milliseconds limit)
{
    return std::make_unique<UpdatePatches>(session, limit);
}

} // namespace rollcall::platform
