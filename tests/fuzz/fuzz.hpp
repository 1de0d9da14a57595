#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// The frame of every fuzz target.
namespace rollcall::fuzz
{

/// Stops the target where a promise is broken, so that libFuzzer keeps the input.
inline void require(bool kept, char const* promise)
{
    if (kept) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

} // namespace rollcall::fuzz

/// FUZZ_TARGET(bytes) { ... }: the body sees the input as a std::string_view.
#define FUZZ_TARGET(bytes)                                                                                             \
    static void fuzz_one(std::string_view bytes);                                                                      \
    extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)                                  \
    {                                                                                                                  \
        fuzz_one({reinterpret_cast<char const*>(data), size});                                                         \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static void fuzz_one(std::string_view bytes)
