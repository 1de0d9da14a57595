# Any Linux on 64-bit Intel and AMD with glibc 2.31 or newer: this machine's g++ with the headers and libraries of Debian 11,
# which scripts/deps puts into ROLLCALL_DEPS.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-linux-gnu-g++)
set(CMAKE_SYSROOT ${ROLLCALL_DEPS}/sysroot)
set(CMAKE_FIND_ROOT_PATH ${ROLLCALL_DEPS})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ROLLCALL_DEPS)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# g++ looks beside itself first, where this machine's C library is: hence -B.
# All addresses are bound when the program starts, and the table of them is read-only from then on.
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-fuse-ld=lld -static-libstdc++ -static-libgcc -B${ROLLCALL_DEPS}/sysroot/usr/lib/x86_64-linux-gnu -Wl,-z,relro,-z,now")
# What g++ 12's own libraries ask of a newer glibc (platform/linux/newer_glibc.cpp).
set(ROLLCALL_OLDER_GLIBC ON)
