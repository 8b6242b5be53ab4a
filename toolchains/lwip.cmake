# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# bobbin_add_lwip(TARGET SOURCE_DIR CONFIG_DIR [DEFINITION...])
#
# Adds the static library TARGET: lwIP's core from SOURCE_DIR, configured by lwipopts.h in
# CONFIG_DIR and by the DEFINITIONs (such as BOBBIN_LWIP_CONNECTIONS=2). Whoever links it sees the
# same headers and definitions, as system headers. The linked program must define
# bobbin_lwip_assert(), bobbin_lwip_random() and sys_now().
function(bobbin_add_lwip target source_dir config_dir)
    if(NOT EXISTS "${source_dir}/src/core/tcp.c")
        message(FATAL_ERROR "no lwIP source in '${source_dir}'; run toolchains/fetch-lwip on it")
    endif()
    # Each file guards itself by the options, so all families may be listed. Explicit lists would
    # tie us to one release.
    file(GLOB sources
        "${source_dir}/src/core/*.c"
        "${source_dir}/src/core/ipv4/*.c"
        "${source_dir}/src/core/ipv6/*.c")
    add_library(${target} STATIC ${sources}
        "${source_dir}/src/api/tcpip.c" "${source_dir}/src/netif/ethernet.c")
    target_include_directories(${target} SYSTEM PUBLIC "${config_dir}" "${source_dir}/src/include")
    target_compile_definitions(${target} PUBLIC ${ARGN})
    target_compile_features(${target} PUBLIC c_std_11)
    target_compile_options(${target} PRIVATE -w)
endfunction()
