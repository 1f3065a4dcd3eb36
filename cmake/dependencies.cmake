# Everything comes from Debian 12; `run` installs it (see cmake/packages).
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
# C++ libraries are linked in where Debian has them as archives: a tool starts in a third of the time, as most of
# a C++ program's start is the dynamic linker looking up the symbols of its shared libraries.
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS program_options json)
pkg_check_modules(ldns REQUIRED IMPORTED_TARGET ldns)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(psl REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(gsasl REQUIRED IMPORTED_TARGET libgsasl)
pkg_check_modules(magic REQUIRED IMPORTED_TARGET libmagic)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(gumbo REQUIRED IMPORTED_TARGET gumbo)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
set_property(TARGET PkgConfig::re2 PROPERTY INTERFACE_COMPILE_OPTIONS "")  # -pthread alone: clang takes no precompiled header made without
pkg_check_modules(lzma REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
find_package(mimalloc 2 REQUIRED)
find_library(CTEMPLATE NAMES libctemplate_nothreads.a ctemplate_nothreads REQUIRED)
find_path(TOMLPLUSPLUS toml++/toml.h REQUIRED)  # headers alone: one source uses them

# What every room stands on, and the precompiled header that they all reuse (so all must share these definitions).
add_library(boost_compiled STATIC cmake/boost_impl.cpp)  # Asio and Beast, once
target_link_libraries(boost_compiled PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
add_library(foundation INTERFACE)
target_link_libraries(foundation INTERFACE boost_compiled Boost::json fmt::fmt)
file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
add_library(precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(precompiled PRIVATE foundation)
target_precompile_headers(precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
