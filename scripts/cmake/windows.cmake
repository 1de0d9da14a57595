# Windows on 64-bit Intel and AMD, compiled on Linux: mingw-w64's g++ with POSIX threads, and in ROLLCALL_DEPS the
# libraries that scripts/deps makes.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 ${ROLLCALL_DEPS})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ROLLCALL_DEPS)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Coroutines of Beast exceed the 32,768 sections of a plain object file; at -O0 they do not assemble at all.
set(CMAKE_CXX_FLAGS_INIT "-Wa,-mbig-obj")
# The linker is the one that scripts/deps put there; it knows no plugins of GNU's.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -B${ROLLCALL_DEPS}/bin -fno-use-linker-plugin")
# Windows words errors in its user's language: Boost is to pass that on as UTF-8, not in the code page of the system.
add_compile_definitions(_WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX UNICODE _UNICODE BOOST_SYSTEM_USE_UTF8)
