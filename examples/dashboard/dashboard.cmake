# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# The page as it is in the program: compressed only, as flash is dear.
set(page ${CMAKE_CURRENT_LIST_DIR}/page/index.html)
set(compress ${CMAKE_CURRENT_LIST_DIR}/compress)
set(made ${CMAKE_CURRENT_BINARY_DIR}/embedded)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
get_property(embed GLOBAL PROPERTY BOBBIN_EMBED)
add_custom_command(
    OUTPUT ${made}/dashboard_page.hpp ${made}/dashboard_page.cpp
    COMMAND ${Python3_EXECUTABLE} -B ${compress} ${page} ${made}/dashboard_files/index.html.gz
    COMMAND ${Python3_EXECUTABLE} -B ${embed} ${made}/dashboard_files ${made}/dashboard_page
        no-cache
    DEPENDS ${compress} ${embed} ${page}
    VERBATIM)

# What tests run in memory too.
add_library(dashboard_site STATIC dashboard/figures.cpp ${made}/dashboard_page.cpp)
target_include_directories(dashboard_site PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${made})
target_link_libraries(dashboard_site PUBLIC bobbin::net)
target_compile_options(dashboard_site PRIVATE ${bobbin_warnings} -fno-exceptions -fno-rtti)

bobbin_add_example(dashboard)
target_link_libraries(dashboard PRIVATE dashboard_site)
if(BOBBIN_FIRMWARE)
    target_sources(dashboard PRIVATE dashboard/lwip_pools.cpp)
    target_compile_definitions(dashboard PRIVATE DASHBOARD_PLATFORM="${BOBBIN_BOARD}")
endif()
