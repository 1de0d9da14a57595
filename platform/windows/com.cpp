#include "platform/windows/com.hpp"

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

ComThread::ComThread()
    : outcome_(::CoInitializeEx(nullptr, COINIT_MULTITHREADED | COINIT_DISABLE_OLE1DDE))
{
}

ComThread::~ComThread()
{
    if (SUCCEEDED(outcome_)) ::CoUninitialize();
}

Result<> ComThread::ready() const
{
    // Somebody has already made this thread one of the other kind, which serves as well.
    if (SUCCEEDED(outcome_) || outcome_ == RPC_E_CHANGED_MODE) return {};
    return fail_hresult(outcome_, "COM");
}

Bstr::Bstr(std::string_view text)
{
    auto const wide = utf16(text);
    text_ = ::SysAllocStringLen(wide.data(), static_cast<UINT>(wide.size()));
}

BSTR* Bstr::out()
{
    ::SysFreeString(text_);
    text_ = nullptr;
    return &text_;
}

std::string Bstr::text() const { return text_ == nullptr ? std::string() : utf8({text_, ::SysStringLen(text_)}); }

VARIANT* Variant::out()
{
    ::VariantClear(&value_);
    return &value_;
}

} // namespace rollcall::platform
