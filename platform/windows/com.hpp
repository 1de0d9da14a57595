#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <windows.h>

#include <objbase.h>
#include <oleauto.h>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// COM on this thread, for as long as this lives. Threads of the probe pool come and go, so each call has its own.
///
/// Owns: one CoInitializeEx of this thread.  Threads: the one that made it.
class ComThread
{
public:
    ComThread();
    ~ComThread();
    ComThread(ComThread const&) = delete;
    ComThread& operator=(ComThread const&) = delete;
    /// False, and why, where this thread has no COM.
    [[nodiscard]] Result<> ready() const;

private:
    HRESULT outcome_;
};

/// An interface, released with its owner.
template <class T>
class ComPtr
{
public:
    ComPtr() = default;
    /// Takes over one reference.
    explicit ComPtr(T* owned)
        : pointer_(owned)
    {
    }
    ComPtr(ComPtr&& other) noexcept
        : pointer_(std::exchange(other.pointer_, nullptr))
    {
    }
    ComPtr& operator=(ComPtr&& other) noexcept
    {
        if (this != &other) reset(std::exchange(other.pointer_, nullptr));
        return *this;
    }
    ComPtr(ComPtr const&) = delete;
    ComPtr& operator=(ComPtr const&) = delete;
    ~ComPtr() { reset(); }

    void reset(T* owned = nullptr)
    {
        if (pointer_ != nullptr) pointer_->Release();
        pointer_ = owned;
    }
    /// For a function that gives an interface by its last parameter.
    [[nodiscard]] T** out()
    {
        reset();
        return &pointer_;
    }
    [[nodiscard]] T* get() const { return pointer_; }
    T* operator->() const { return pointer_; }
    explicit operator bool() const { return pointer_ != nullptr; }

private:
    T* pointer_ = nullptr;
};

/// A text in COM's own form.
class Bstr
{
public:
    Bstr() = default;
    explicit Bstr(std::string_view text);
    ~Bstr() { ::SysFreeString(text_); }
    Bstr(Bstr const&) = delete;
    Bstr& operator=(Bstr const&) = delete;

    [[nodiscard]] BSTR get() const { return text_; }
    /// For a function that gives a text by its last parameter.
    [[nodiscard]] BSTR* out();
    [[nodiscard]] std::string text() const;

private:
    BSTR text_ = nullptr;
};

/// A value in COM's own form.
class Variant
{
public:
    Variant() { ::VariantInit(&value_); }
    ~Variant() { ::VariantClear(&value_); }
    Variant(Variant const&) = delete;
    Variant& operator=(Variant const&) = delete;

    [[nodiscard]] VARIANT const& get() const { return value_; }
    [[nodiscard]] VARIANT* out();

private:
    VARIANT value_{};
};

} // namespace rollcall::platform
