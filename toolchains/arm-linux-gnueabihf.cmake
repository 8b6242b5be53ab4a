# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# CMake toolchain file for Linux on 32-bit Arm with hardware floating point: Debian's armhf.
set(CMAKE_SYSTEM_PROCESSOR arm)
set(bobbin_emulator qemu-arm)
set(bobbin_triplet arm-linux-gnueabihf)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
