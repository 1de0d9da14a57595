#include <doctest/doctest.h>

#include <algorithm>

#include <windows.h>

#include <wbemcli.h>

#include "platform/windows/com.hpp"
#include "platform/windows/wmi.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// An object of COM that lives as long as the test's own variable.
template <class Interface>
class HangingPart : public Interface
{
public:
    virtual ~HangingPart() = default;
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void** object) override
    {
        if (::IsEqualIID(wanted, IID_IClientSecurity)) {
            *object = security();
            return *object == nullptr ? E_NOINTERFACE : S_OK;
        }
        bool const known = ::IsEqualIID(wanted, IID_IUnknown) || ::IsEqualIID(wanted, __uuidof(Interface));
        *object = known ? static_cast<Interface*>(this) : nullptr;
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }

protected:
    virtual IClientSecurity* security() { return nullptr; }
};

/// What a proxy has, and CoSetProxyBlanket asks for.
class AnyBlanket final : public HangingPart<IClientSecurity>
{
public:
    HRESULT STDMETHODCALLTYPE QueryBlanket(IUnknown*, DWORD*, DWORD*, OLECHAR**, DWORD*, DWORD*, void**,
                                           DWORD*) override
    {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE SetBlanket(IUnknown*, DWORD, DWORD, OLECHAR*, DWORD, DWORD, void*, DWORD) override
    {
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE CopyProxy(IUnknown*, IUnknown**) override { return E_NOTIMPL; }
};

/// Rows that never come.
class NoRows final : public HangingPart<IEnumWbemClassObject>
{
public:
    HRESULT STDMETHODCALLTYPE Reset() override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Next(LONG timeout_ms, ULONG, IWbemClassObject**, ULONG* count) override
    {
        ++asked_;
        longest_ms_ = std::max(longest_ms_, timeout_ms);
        ::Sleep(static_cast<DWORD>(std::clamp(timeout_ms, LONG{0}, LONG{50})));
        *count = 0;
        return WBEM_S_TIMEDOUT;
    }
    HRESULT STDMETHODCALLTYPE NextAsync(ULONG, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Clone(IEnumWbemClassObject**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE Skip(LONG, ULONG) override { return E_NOTIMPL; }

    int asked_ = 0;
    LONG longest_ms_ = 0;
};

// One line for each method of wbemcli.h, in its order.
// clang-format off
class HangingServices final : public HangingPart<IWbemServices>
{
public:
    HRESULT STDMETHODCALLTYPE OpenNamespace(BSTR, LONG, IWbemContext*, IWbemServices**, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CancelAsyncCall(IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE QueryObjectSink(LONG, IWbemObjectSink**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetObject(BSTR, LONG, IWbemContext*, IWbemClassObject**, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetObjectAsync(BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE PutClass(IWbemClassObject*, LONG, IWbemContext*, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE PutClassAsync(IWbemClassObject*, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE DeleteClass(BSTR, LONG, IWbemContext*, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE DeleteClassAsync(BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateClassEnum(BSTR, LONG, IWbemContext*, IEnumWbemClassObject**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateClassEnumAsync(BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE PutInstance(IWbemClassObject*, LONG, IWbemContext*, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE PutInstanceAsync(IWbemClassObject*, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE DeleteInstance(BSTR, LONG, IWbemContext*, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE DeleteInstanceAsync(BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateInstanceEnum(BSTR, LONG, IWbemContext*, IEnumWbemClassObject**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateInstanceEnumAsync(BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE ExecQuery(BSTR, BSTR, LONG, IWbemContext*, IEnumWbemClassObject** rows) override { *rows = &rows_; return S_OK; }
    HRESULT STDMETHODCALLTYPE ExecQueryAsync(BSTR, BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE ExecNotificationQuery(BSTR, BSTR, LONG, IWbemContext*, IEnumWbemClassObject**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE ExecNotificationQueryAsync(BSTR, BSTR, LONG, IWbemContext*, IWbemObjectSink*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE ExecMethod(BSTR, BSTR, LONG, IWbemContext*, IWbemClassObject*, IWbemClassObject**, IWbemCallResult**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE ExecMethodAsync(BSTR, BSTR, LONG, IWbemContext*, IWbemClassObject*, IWbemObjectSink*) override { return E_NOTIMPL; }

    NoRows rows_;

private:
    IClientSecurity* security() override { return &blanket_; }

    AnyBlanket blanket_;
};
// clang-format on

class HangingLocator final : public HangingPart<IWbemLocator>
{
public:
    HRESULT STDMETHODCALLTYPE ConnectServer(BSTR, BSTR, BSTR, BSTR, LONG flags, BSTR, IWbemContext*,
                                            IWbemServices** services) override
    {
        limited_ = (flags & WBEM_FLAG_CONNECT_USE_MAX_WAIT) != 0;
        *services = &services_;
        return S_OK;
    }
    bool limited_ = false;
    HangingServices services_;
};

/// Stands in WMI's place for this process while it lives.
class HangingWmi final : public HangingPart<IClassFactory>
{
public:
    HangingWmi()
    {
        registered_ = ::CoRegisterClassObject(__uuidof(WbemLocator), this, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE,
                                              &cookie_) == S_OK;
    }
    ~HangingWmi() override
    {
        if (registered_) ::CoRevokeClassObject(cookie_);
    }
    HangingWmi(HangingWmi const&) = delete;
    HangingWmi& operator=(HangingWmi const&) = delete;

    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown*, REFIID wanted, void** object) override
    {
        return locator_.QueryInterface(wanted, object);
    }
    HRESULT STDMETHODCALLTYPE LockServer(BOOL) override { return S_OK; }

    bool registered_ = false;
    HangingLocator locator_;

private:
    ComThread com_;
    DWORD cookie_ = 0;
};

} // namespace

TEST_CASE("wmi: one that hangs has timed out at its limit, and is never asked to wait longer than that")
{
    HangingWmi wmi;
    REQUIRE(wmi.registered_);
    auto const start = std::chrono::steady_clock::now();
    auto const rows = query_wmi("root\\cimv2", "SELECT Name FROM Win32_Service", {"Name"}, 300ms);
    auto const took = std::chrono::steady_clock::now() - start;
    REQUIRE_FALSE(rows);
    CHECK(reason(rows.error()) == "timed_out");
    CHECK(rows.error().trace.find("Win32_Service") != std::string::npos);
    CHECK(took > 250ms); // Clocks of Windows move in steps of 16 ms.
    CHECK(took < 10s);
    CHECK(wmi.locator_.limited_);
    CHECK(wmi.locator_.services_.rows_.asked_ > 1);
    CHECK(wmi.locator_.services_.rows_.longest_ms_ <= 300);
}
