# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# What the CMake toolchain files for other Linux machines share: the distribution's cross compiler
# and libraries, and an emulator of the processor that runs the programs here. `bobbin_triplet` and
# `bobbin_emulator` are set before.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${bobbin_triplet}-gcc)
set(CMAKE_CXX_COMPILER ${bobbin_triplet}-g++)

set(CMAKE_CROSSCOMPILING_EMULATOR ${bobbin_emulator} -L /usr/${bobbin_triplet})

set(CMAKE_FIND_ROOT_PATH /usr/${bobbin_triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# GCC tells of an ABI change in its version 7; nothing here is older.
set(CMAKE_CXX_FLAGS_INIT "-Wno-psabi")

# These builds are for tests, which take longer to compile than to run.
set(CMAKE_C_FLAGS_RELEASE "-O1 -DNDEBUG" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG" CACHE STRING "")
