# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# CMake toolchain file for Linux on s390x: 64 bits, the most significant byte first.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(bobbin_emulator qemu-s390x)
set(bobbin_triplet s390x-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
