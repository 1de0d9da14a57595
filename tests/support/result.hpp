#pragma once

#include <doctest/doctest.h>

#include "common/core/result.hpp"

/// Lets a failing REQUIRE(result) print "volumes: /proc/self/mounts: permission_denied".
template <class T>
struct doctest::StringMaker<rollcall::Result<T>> {
    static String convert(rollcall::Result<T> const& result)
    {
        return result ? String("a value") : String(result.error().trace.c_str());
    }
};
