find_package(GTest REQUIRED)
include(GoogleTest)

# As the rooms' precompiled header, with GoogleTest: half of what a test's source takes to compile is reading it.
add_library(precompiled_tests OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(precompiled_tests PRIVATE foundation GTest::gmock)
target_precompile_headers(precompiled_tests PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp <gmock/gmock.h> <gtest/gtest.h>)
# The tests' own sources are not optimised: they are many, and what takes time when they run is not in them.
target_compile_options(precompiled_tests PRIVATE -O0)

# mailmedic_test(unit/name USES lib/dns tests/support): tests/unit/name_test.cpp, or every *.cpp of the folder
# tests/unit/name/, as one program. Each TEST is one test of ctest; DATA folders are reached by MAILMEDIC_SOURCE_DIR.
function(mailmedic_test name)
  cmake_parse_arguments(TEST "" "" "USES;LINKS;LABELS" ${ARGN})
  mailmedic_test_program(${name} USES ${TEST_USES} LINKS ${TEST_LINKS})
  string(REPLACE "/" "_" target test_${name})
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 LABELS "${TEST_LABELS}")
endfunction()

# The program alone, test_unit_name; what ctest runs is said elsewhere.
function(mailmedic_test_program name)
  cmake_parse_arguments(TEST "" "" "USES;LINKS" ${ARGN})
  string(REPLACE "/" "_" target test_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}_test.cpp ${PROJECT_SOURCE_DIR}/tests/${name}/*.cpp)
  add_executable(${target} ${sources})
  target_precompile_headers(${target} REUSE_FROM precompiled_tests)
  target_compile_options(${target} PRIVATE -O0)
  string(REPLACE "/" "_" used "${TEST_USES}")
  target_link_libraries(${target} PRIVATE ${used} ${TEST_LINKS} foundation GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE MAILMEDIC_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             MAILMEDIC_BINARY_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# mailmedic_fuzz(spf_record USES checks/spf): tests/fuzz/spf_record.cpp, which defines LLVMFuzzerTestOneInput over one
# parser. In normal builds it is linked with a main that replays tests/fuzz/corpus/spf_record/ as a test; with
# MAILMEDIC_FUZZ (preset fuzz, clang) it is a libFuzzer program: fuzz_spf_record tests/fuzz/corpus/spf_record
function(mailmedic_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "USES;LINKS" ${ARGN})
  set(target fuzz_${name})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}.cpp)
  target_precompile_headers(${target} REUSE_FROM precompiled)
  string(REPLACE "/" "_" used "${FUZZ_USES}")
  target_link_libraries(${target} PRIVATE ${used} ${FUZZ_LINKS} foundation)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(NOT TARGET fuzz)
    add_custom_target(fuzz)
  endif()
  add_dependencies(fuzz ${target})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(MAILMEDIC_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${target} -runs=0 ${corpus})
  else()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp)
    add_test(NAME fuzz.${name} COMMAND ${target} ${corpus})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
