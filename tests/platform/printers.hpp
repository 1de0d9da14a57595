#pragma once

#include "platform/fact.hpp"
#include "tests/support/result.hpp"

/// Lets a failing CHECK(fact) print why it is unknown.
template <class T>
struct doctest::StringMaker<rollcall::platform::Fact<T>> {
    static String convert(rollcall::platform::Fact<T> const& fact)
    {
        return fact ? String("a value") : String(fact.error().trace.c_str());
    }
};
