# What `cmake --install` puts in place, but for the data (reports/CMakeLists.txt): tools, manual pages, completion.
# bin/ and share/mailmedic/ may be moved together: a tool finds ../share/mailmedic.
get_property(tools GLOBAL PROPERTY MAILMEDIC_TOOLS)
install(TARGETS mailmedic ${tools} RUNTIME DESTINATION bin)

# A manual page is what --help says, so it is written when the tool is built.
set(pages)
foreach(tool mailmedic ${tools})
  string(REGEX REPLACE "^mailmedic-?" "" name ${tool})
  set(page ${PROJECT_BINARY_DIR}/man/${tool}.1)
  add_custom_command(OUTPUT ${page} COMMENT "Writing ${tool}.1"
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/man/page.sh $<TARGET_FILE:mailmedic> "${name}" ${PROJECT_VERSION} ${page}
    DEPENDS mailmedic ${tool} ${PROJECT_SOURCE_DIR}/cmake/man/page.sh ${PROJECT_SOURCE_DIR}/cmake/man/page.awk VERBATIM)
  list(APPEND pages ${page})
endforeach()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/man)
install(FILES ${pages} DESTINATION share/man/man1)
install(FILES cmake/completion/mailmedic.bash DESTINATION share/bash-completion/completions RENAME mailmedic)
install(FILES cmake/completion/_mailmedic DESTINATION share/zsh/site-functions)

# All tools with their pages and nothing else: what `./run TOOL` builds and what an installation needs.
add_custom_target(tools ALL DEPENDS mailmedic ${tools} ${pages})
