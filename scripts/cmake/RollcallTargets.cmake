# How every target of Rollcall is made: one call per folder.

option(ROLLCALL_PCH "Use the precompiled header" ON)
option(ROLLCALL_WERROR "Treat warnings as errors (CI does)" OFF)

if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  set(ROLLCALL_OS windows)
elseif(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  set(ROLLCALL_OS macos)
else()
  set(ROLLCALL_OS linux)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # ccache may only cache what includes a precompiled header when told to.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# Programs that carry their libraries need a fifth less memory: what nobody calls is left out, and the rest is not
# spread over ten files. The price: a security update of OpenSSL is a new build of ours.
option(ROLLCALL_STATIC "Link everything but libc into the programs" OFF)
set(ROLLCALL_FMT fmt::fmt)
set(ROLLCALL_SPDLOG spdlog::spdlog)
if(ROLLCALL_STATIC)
  set(OPENSSL_USE_STATIC_LIBS ON)
  # Debian has no archives of these two, but both are whole in their headers (spdlog's target would bring libfmt.so).
  set(ROLLCALL_FMT fmt::fmt-header-only)
  set(ROLLCALL_SPDLOG)
endif()

# Links in half the time; what is released takes the default one.
find_program(ROLLCALL_GOLD ld.gold)
if(ROLLCALL_GOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND ROLLCALL_OS STREQUAL "linux")
  add_link_options(-fuse-ld=gold)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
if(ROLLCALL_STATIC)
  find_library(SQLite3_LIBRARY libsqlite3.a REQUIRED)
endif()
find_package(SQLite3 3.40 REQUIRED)
if(CMAKE_CROSSCOMPILING)
  # What is whole in its headers has no package for another system.
  add_library(fmt::fmt-header-only INTERFACE IMPORTED)
  target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY=1)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
else()
  find_package(CLI11 REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
endif()

add_library(rollcall_flags INTERFACE)
target_compile_features(rollcall_flags INTERFACE cxx_std_20)
target_include_directories(rollcall_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_include_directories(rollcall_flags SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_options(rollcall_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wold-style-cast -Woverloaded-virtual
  -Wno-missing-field-initializers
  -fPIE # one mode for programs and libraries, so that they can share the precompiled header
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines>
  # Of joined sources each but the first looks like a header to g++, which warns of their anonymous namespaces.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
  $<$<PLATFORM_ID:Darwin>:-Werror=unguarded-availability-new> # what is newer than the oldest system there
  $<$<BOOL:${ROLLCALL_WERROR}>:-Werror>)
target_compile_definitions(rollcall_flags INTERFACE
  ROLLCALL_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ERROR_CODE_HEADER_ONLY SPDLOG_FMT_EXTERNAL)

target_include_directories(rollcall_flags SYSTEM INTERFACE $<$<BOOL:${CMAKE_CROSSCOMPILING}>:${ROLLCALL_DEPS}/include>)
target_link_options(rollcall_flags INTERFACE $<$<PLATFORM_ID:Linux>:-pie>)
if(ROLLCALL_OS STREQUAL "windows")
  target_link_libraries(rollcall_flags INTERFACE ws2_32 mswsock bcrypt) # what Asio calls
  enable_language(RC)
endif()
if(ROLLCALL_STATIC)
  target_compile_options(rollcall_flags INTERFACE -ffunction-sections -fdata-sections)
  if(ROLLCALL_OS STREQUAL "macos")
    target_link_options(rollcall_flags INTERFACE -Wl,-dead_strip)
  else()
    target_link_options(rollcall_flags INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
  endif()
endif()

# A library that only carries the precompiled header. One serves one kind of optimization.
function(rollcall_precompiled name)
  add_library(${name} STATIC ${PROJECT_SOURCE_DIR}/scripts/cmake/pch.cpp)
  target_link_libraries(${name} PUBLIC rollcall_flags ${ROLLCALL_FMT} ${ROLLCALL_SPDLOG} Threads::Threads)
  if(ROLLCALL_PCH)
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/scripts/cmake/pch.hpp)
  endif()
endfunction()

rollcall_precompiled(rollcall_pch)
set(ROLLCALL_PCH_FROM rollcall_pch)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  rollcall_precompiled(rollcall_pch_for_size)
  target_compile_options(rollcall_pch_for_size PRIVATE -Os)
endif()

# For folders whose code runs on every machine: released, it is built for size, since all of a program's text is soon
# resident. To be called before the folder's targets.
macro(rollcall_build_for_size)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-Os)
    set(ROLLCALL_PCH_FROM rollcall_pch_for_size)
  endif()
endmacro()

function(rollcall_settings target)
  target_link_libraries(${target} PUBLIC rollcall_flags ${ROLLCALL_FMT} ${ROLLCALL_SPDLOG} Threads::Threads)
  if(ROLLCALL_PCH)
    target_precompile_headers(${target} REUSE_FROM ${ROLLCALL_PCH_FROM})
  endif()
endfunction()

# rollcall_library(probe SOURCES a.cpp PER_OS volumes LINK rollcall::core)
#   folder = library = namespace: agent/probe -> rollcall::probe
#   PER_OS topics are <topic>_<os>.cpp; a missing body stops the build.
function(rollcall_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PER_OS;LINK" ${ARGN})
  foreach(topic IN LISTS arg_PER_OS)
    list(APPEND arg_SOURCES ${topic}_${ROLLCALL_OS}.cpp)
  endforeach()
  add_library(rollcall_${name} STATIC ${arg_SOURCES})
  add_library(rollcall::${name} ALIAS rollcall_${name})
  rollcall_settings(rollcall_${name})
  target_link_libraries(rollcall_${name} PUBLIC ${arg_LINK})
endfunction()

# Windows shows and compares a file's version, and asks its manifest how the program wants to be run; other systems have
# no such thing.
function(rollcall_version_resource target description)
  if(NOT ROLLCALL_OS STREQUAL "windows")
    return()
  endif()
  get_target_property(type ${target} TYPE)
  set(is_program 0)
  set(file_type VFT_DLL)
  set(suffix .dll)
  if(type STREQUAL "EXECUTABLE")
    set(is_program 1)
    set(file_type VFT_APP)
    set(suffix .exe)
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/installers/windows/program.rc.in ${CMAKE_CURRENT_BINARY_DIR}/${target}.rc @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}.rc)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${target}.rc PROPERTIES
    OBJECT_DEPENDS ${PROJECT_SOURCE_DIR}/installers/windows/program.manifest)
endfunction()

# rollcall_program(rollcall-agent SOURCES main.cpp LINK rollcall::uplink DESCRIPTION "Rollcall agent")
function(rollcall_program name)
  cmake_parse_arguments(arg "" "DESCRIPTION" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  rollcall_settings(${name})
  if(arg_DESCRIPTION)
    rollcall_version_resource(${name} "${arg_DESCRIPTION}")
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# rollcall_test(core LINK rollcall::core)
#   every *_test.cpp of the calling folder becomes one program and one ctest entry
#   LABELS: ctest labels; "threads" marks what the tsan preset runs
#   NATIVE_SOURCES, NATIVE_LINK: what works, or is there, on the system only that all this is developed on
function(rollcall_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LINK;LABELS;NATIVE_SOURCES;NATIVE_LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *_test.cpp)
  if(CMAKE_CROSSCOMPILING)
    list(REMOVE_ITEM sources ${arg_NATIVE_SOURCES})
  else()
    list(APPEND arg_LINK ${arg_NATIVE_LINK})
  endif()
  add_executable(${name}_test ${sources})
  rollcall_settings(${name}_test)
  target_link_libraries(${name}_test PRIVATE rollcall::support ${arg_LINK})
  target_compile_definitions(${name}_test PRIVATE
    ROLLCALL_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
  add_test(NAME ${name} COMMAND ${name}_test)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
