// A Windows Update Agent for tests, as a server of COM: put in the registry in place of the system's, it is what the
// agent asks. Value SearchOutcome of HKLM\SOFTWARE\Rollcall test: the error of a search, 0 or none where it finds an
// update.
#include <windows.h>

#include "tests/platform/windows/fake_update_agent.hpp"

namespace
{

/// Makes the one session, which lives as long as the program that loaded us.
class UpdateAgentFactory final : public IClassFactory
{
public:
    virtual ~UpdateAgentFactory() = default;
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void** object) override
    {
        bool const known = ::IsEqualIID(wanted, IID_IUnknown) || ::IsEqualIID(wanted, IID_IClassFactory);
        *object = known ? static_cast<IClassFactory*>(this) : nullptr;
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID wanted, void** object) override
    {
        if (outer != nullptr) return CLASS_E_NOAGGREGATION;
        DWORD outcome = 0;
        DWORD size = sizeof(outcome);
        (void)::RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Rollcall test", L"SearchOutcome", RRF_RT_REG_DWORD,
                             nullptr, &outcome, &size);
        session_.searcher_.outcome_ = static_cast<HRESULT>(outcome);
        return session_.QueryInterface(wanted, object);
    }
    HRESULT STDMETHODCALLTYPE LockServer(BOOL /*lock*/) override { return S_OK; }

private:
    rollcall::test::FakeSession session_;
};

} // namespace

// By the names that COM looks for, which headers of mingw-w64 declare without exporting them.
extern "C" __declspec(dllexport) HRESULT STDMETHODCALLTYPE
    DllGetClassObject(REFCLSID /*which*/, REFIID wanted, void** object)
{
    static UpdateAgentFactory factory;
    return factory.QueryInterface(wanted, object);
}

extern "C" __declspec(dllexport) HRESULT STDMETHODCALLTYPE DllCanUnloadNow() { return S_FALSE; }
