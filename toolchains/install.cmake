# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# What a host has after `make install`: libraries, headers, and what finds them. lwIP's port is not
# among it, as it is compiled with a program's own lwIP and lwipopts.h: such a program has bobbin in
# its build.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(bobbin_components core memory net posix testing)
set(bobbin_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/bobbin)
list(TRANSFORM bobbin_components PREPEND bobbin_ OUTPUT_VARIABLE bobbin_libraries)

install(TARGETS ${bobbin_libraries} EXPORT bobbin ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY core/include/ net/include/ port/memory/include/ port/posix/include/
    DESTINATION include)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(EXPORT bobbin NAMESPACE bobbin:: FILE bobbinTargets.cmake
    DESTINATION ${bobbin_package_folder})

list(JOIN bobbin_components " " bobbin_components)
configure_package_config_file(toolchains/bobbinConfig.cmake.in bobbinConfig.cmake
    INSTALL_DESTINATION ${bobbin_package_folder})
write_basic_package_version_file(bobbinConfigVersion.cmake COMPATIBILITY SameMinorVersion)

set(bobbin_definitions "")
if(BOBBIN_CHECK_CONTEXT)
    set(bobbin_definitions " -DBOBBIN_CHECK_CONTEXT")
endif()
file(RELATIVE_PATH bobbin_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" bobbin_prefix_from_pc ${bobbin_prefix_from_pc})
configure_file(toolchains/bobbin.pc.in bobbin.pc @ONLY)

install(FILES
    ${PROJECT_BINARY_DIR}/bobbinConfig.cmake ${PROJECT_BINARY_DIR}/bobbinConfigVersion.cmake
    toolchains/embed.cmake
    DESTINATION ${bobbin_package_folder})
install(PROGRAMS toolchains/embed DESTINATION ${bobbin_package_folder})
install(FILES ${PROJECT_BINARY_DIR}/bobbin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
