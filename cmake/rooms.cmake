# The house has floors (lib, checks, reports, tools) and each folder on them is a room: one static library.
#
#   mailmedic_room(lib/dns USES lib/text lib/net LINKS PkgConfig::ldns)
#
# A room publishes its own headers and nothing else, under the path that they have in the repository
# ("lib/dns/name.hpp"), through a door: a folder in the build tree that holds links to them. A source finds
# the headers of the rooms that its own room USES (and of those that these use); any other include does not
# compile. So the direction tools -> reports -> checks -> lib holds by construction.
function(mailmedic_room room)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS;PRIVATE_LINKS" ${ARGN})
  string(REPLACE "/" "_" target ${room})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.hpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_precompile_headers(${target} REUSE_FROM precompiled)
    set(reach PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(reach INTERFACE)
  endif()
  mailmedic_door(${target} ${room} ${reach} ${headers})
  string(REPLACE "/" "_" used "${ROOM_USES}")
  target_link_libraries(${target} ${reach} ${used} ${ROOM_LINKS} foundation)
  if(ROOM_PRIVATE_LINKS)
    target_link_libraries(${target} PRIVATE ${ROOM_PRIVATE_LINKS})
  endif()
endfunction()

# Puts links to HEADERS behind the door of TARGET.
function(mailmedic_door target room reach)
  set(door ${PROJECT_BINARY_DIR}/rooms/${target})
  file(REMOVE_RECURSE ${door}/${room})
  file(MAKE_DIRECTORY ${door}/${room})
  foreach(header ${ARGN})
    get_filename_component(name ${header} NAME)
    file(CREATE_LINK ${header} ${door}/${room}/${name} SYMBOLIC)
  endforeach()
  target_include_directories(${target} ${reach} ${door})
endfunction()

# mailmedic_tool(spf USES checks/spf reports): the executable mailmedic-spf from tools/spf.cpp. BUSY: several threads ask
# for memory all the time, so it comes from mimalloc (docs/decisions/0009; sanitizers bring memory of their own).
function(mailmedic_tool name)
  cmake_parse_arguments(TOOL "BUSY" "" "USES;LINKS" ${ARGN})
  set(target mailmedic-${name})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tools/${name}.cpp)
  target_precompile_headers(${target} REUSE_FROM precompiled)
  string(REPLACE "/" "_" used "${TOOL_USES}")
  if(TOOL_BUSY AND NOT MAILMEDIC_SANITIZE)
    target_link_libraries(${target} PRIVATE mimalloc)
  endif()
  target_link_libraries(${target} PRIVATE ${used} ${TOOL_LINKS} foundation)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set_property(GLOBAL APPEND PROPERTY MAILMEDIC_TOOLS ${target})
endfunction()
