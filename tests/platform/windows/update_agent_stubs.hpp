#pragma once

#include <windows.h>

#include <wuapi.h>

namespace rollcall::test
{

/// An object of COM that lives as long as the test's own variable: references to it are not counted.
template <class Interface>
class OnStack : public Interface
{
public:
    virtual ~OnStack() = default;
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void** object) override
    {
        bool const known = ::IsEqualIID(wanted, IID_IUnknown) || ::IsEqualIID(wanted, IID_IDispatch) ||
                           ::IsEqualIID(wanted, __uuidof(Interface));
        *object = known ? static_cast<Interface*>(this) : nullptr;
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT, LCID, ITypeInfo**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, LPOLESTR*, UINT, LCID, DISPID*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS*, VARIANT*, EXCEPINFO*, UINT*) override
    {
        return E_NOTIMPL;
    }
};

// One line for each method of wuapi.h, in its order.
// clang-format off
/// IUpdateSession that answers to nothing.
class UpdateSessionStub : public OnStack<IUpdateSession>
{
public:
    HRESULT STDMETHODCALLTYPE get_ClientApplicationID(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_ClientApplicationID(BSTR) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ReadOnly(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_WebProxy(IWebProxy**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_WebProxy(IWebProxy*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateUpdateSearcher(IUpdateSearcher**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateUpdateDownloader(IUpdateDownloader**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateUpdateInstaller(IUpdateInstaller**) override { return E_NOTIMPL; }
};

/// IUpdateSearcher that answers to nothing.
class UpdateSearcherStub : public OnStack<IUpdateSearcher>
{
public:
    HRESULT STDMETHODCALLTYPE get_CanAutomaticallyUpgradeService(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_CanAutomaticallyUpgradeService(VARIANT_BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ClientApplicationID(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_ClientApplicationID(BSTR) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IncludePotentiallySupersededUpdates(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_IncludePotentiallySupersededUpdates(VARIANT_BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ServerSelection(ServerSelection*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_ServerSelection(ServerSelection) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE BeginSearch(BSTR, IUnknown*, VARIANT, ISearchJob**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE EndSearch(ISearchJob*, ISearchResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE EscapeString(BSTR, BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE QueryHistory(LONG, LONG, IUpdateHistoryEntryCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Search(BSTR, ISearchResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Online(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_Online(VARIANT_BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetTotalHistoryCount(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ServiceID(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_ServiceID(BSTR) override { return E_NOTIMPL; }
};

/// ISearchJob that answers to nothing.
class SearchJobStub : public OnStack<ISearchJob>
{
public:
    HRESULT STDMETHODCALLTYPE get_AsyncState(VARIANT*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsCompleted(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CleanUp() override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE RequestAbort() override { return E_NOTIMPL; }
};

/// ISearchResult that answers to nothing.
class SearchResultStub : public OnStack<ISearchResult>
{
public:
    HRESULT STDMETHODCALLTYPE get_ResultCode(OperationResultCode*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_RootCategories(ICategoryCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Updates(IUpdateCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Warnings(IUpdateExceptionCollection**) override { return E_NOTIMPL; }
};

/// IUpdateCollection that answers to nothing.
class UpdateCollectionStub : public OnStack<IUpdateCollection>
{
public:
    HRESULT STDMETHODCALLTYPE get_Item(LONG, IUpdate**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_Item(LONG, IUpdate*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get__NewEnum(IUnknown**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Count(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ReadOnly(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Add(IUpdate*, LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Clear() override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Copy(IUpdateCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Insert(LONG, IUpdate*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE RemoveAt(LONG) override { return E_NOTIMPL; }
};

/// IUpdate that answers to nothing.
class UpdateStub : public OnStack<IUpdate>
{
public:
    HRESULT STDMETHODCALLTYPE get_Title(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_AutoSelectOnWebSites(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_BundledUpdates(IUpdateCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_CanRequireSource(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Categories(ICategoryCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Deadline(VARIANT*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_DeltaCompressedContentAvailable(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_DeltaCompressedContentPreferred(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Description(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_EulaAccepted(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_EulaText(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_HandlerID(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Identity(IUpdateIdentity**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Image(IImageInformation**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_InstallationBehavior(IInstallationBehavior**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsBeta(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsDownloaded(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsHidden(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_IsHidden(VARIANT_BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsInstalled(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsMandatory(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_IsUninstallable(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Languages(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_LastDeploymentChangeTime(DATE*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_MaxDownloadSize(DECIMAL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_MinDownloadSize(DECIMAL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_MoreInfoUrls(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_MsrcSeverity(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_RecommendedCpuSpeed(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_RecommendedHardDiskSpace(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_RecommendedMemory(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ReleaseNotes(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_SecurityBulletinIDs(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_SupersededUpdateIDs(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_SupportUrl(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Type(UpdateType*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_UninstallationNotes(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_UninstallationBehavior(IInstallationBehavior**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_UninstallationSteps(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_KBArticleIDs(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE AcceptEula() override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_DeploymentAction(DeploymentAction*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CopyFromCache(BSTR, VARIANT_BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_DownloadPriority(DownloadPriority*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_DownloadContents(IUpdateDownloadContentCollection**) override { return E_NOTIMPL; }
};

/// IUpdateIdentity that answers to nothing.
class UpdateIdentityStub : public OnStack<IUpdateIdentity>
{
public:
    HRESULT STDMETHODCALLTYPE get_RevisionNumber(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_UpdateID(BSTR*) override { return E_NOTIMPL; }
};

/// IStringCollection that answers to nothing.
class StringCollectionStub : public OnStack<IStringCollection>
{
public:
    HRESULT STDMETHODCALLTYPE get_Item(LONG, BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE put_Item(LONG, BSTR) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get__NewEnum(IUnknown**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Count(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_ReadOnly(VARIANT_BOOL*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Add(BSTR, LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Clear() override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Copy(IStringCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Insert(LONG, BSTR) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE RemoveAt(LONG) override { return E_NOTIMPL; }
};

/// ICategoryCollection that answers to nothing.
class CategoryCollectionStub : public OnStack<ICategoryCollection>
{
public:
    HRESULT STDMETHODCALLTYPE get_Item(LONG, ICategory**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get__NewEnum(IUnknown**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Count(LONG*) override { return E_NOTIMPL; }
};

/// ICategory that answers to nothing.
class CategoryStub : public OnStack<ICategory>
{
public:
    HRESULT STDMETHODCALLTYPE get_Name(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_CategoryID(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Children(ICategoryCollection**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Description(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Image(IImageInformation**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Order(LONG*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Parent(ICategory**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Type(BSTR*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE get_Updates(IUpdateCollection**) override { return E_NOTIMPL; }
};
// clang-format on

} // namespace rollcall::test
