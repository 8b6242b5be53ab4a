# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# Files that become a part of a program, for http::respond_file. What is in the directory when the
# program is built is in the program, but for what begins with a dot.
#
#   bobbin_embed_files(TARGET NAME DIRECTORY folder [CACHE_CONTROL value])
#
# gives TARGET, which links bobbin::net, a header NAME.hpp with `NAME`, an http::EmbeddedFiles.
set_property(GLOBAL PROPERTY BOBBIN_EMBED ${CMAKE_CURRENT_LIST_DIR}/embed)

function(bobbin_embed_files target name)
    cmake_parse_arguments(PARSE_ARGV 2 embed "" "DIRECTORY;CACHE_CONTROL" "")
    if(embed_UNPARSED_ARGUMENTS OR NOT embed_DIRECTORY)
        message(FATAL_ERROR
            "bobbin_embed_files(TARGET NAME DIRECTORY folder [CACHE_CONTROL value])")
    endif()
    if(NOT embed_CACHE_CONTROL)
        set(embed_CACHE_CONTROL no-cache)
    endif()
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    get_property(embed GLOBAL PROPERTY BOBBIN_EMBED)
    get_filename_component(folder ${embed_DIRECTORY} ABSOLUTE)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    set(made ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name})
    # Written when it changes, as nothing else tells of a file that has gone.
    file(CONFIGURE OUTPUT ${made}.list CONTENT "${files}" @ONLY)
    add_custom_command(
        OUTPUT ${made}.hpp ${made}.cpp
        COMMAND ${Python3_EXECUTABLE} -B ${embed} ${folder} ${made} ${embed_CACHE_CONTROL}
        DEPENDS ${embed} ${made}.list ${files}
        VERBATIM)
    target_sources(${target} PRIVATE ${made}.hpp ${made}.cpp)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded)
endfunction()
