# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# CMake toolchain file for bare-metal Arm Cortex-M. BOBBIN_BOARD chooses the board, and so the core.
#
# nano.specs without nosys.specs: code that reaches for the heap or for stdio does not link, as
# nothing defines _sbrk or _write.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)

set(BOBBIN_BOARD mps2-an385 CACHE STRING "the board, by the name QEMU gives it")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BOBBIN_BOARD)

set(core_of_mps2-an385 "-mcpu=cortex-m3 -mfloat-abi=soft")
set(core_of_mps2-an386 "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
set(core_of_mps2-an500 "-mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard")
# The first of its two cores, which has no DSP and no floating point.
set(core_of_mps2-an521 "-mcpu=cortex-m33+nodsp -mfloat-abi=soft")
if(NOT DEFINED core_of_${BOBBIN_BOARD})
    message(FATAL_ERROR "BOBBIN_BOARD is '${BOBBIN_BOARD}'; there are mps2-an385, mps2-an386, "
        "mps2-an500 and mps2-an521")
endif()

set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(bobbin_core "${core_of_${BOBBIN_BOARD}} -mthumb")
set(bobbin_common "${bobbin_core} -ffunction-sections -fdata-sections -fno-common")
# Statics are never destroyed: nothing on a machine without an operating system ever exits. Without
# cxa-atexit their destructors are not even linked.
set(bobbin_cxx "-fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit")
set(bobbin_cxx "${bobbin_cxx} -fno-unwind-tables -fno-asynchronous-unwind-tables")

set(CMAKE_C_FLAGS_INIT "${bobbin_common}")
set(CMAKE_CXX_FLAGS_INIT "${bobbin_common} ${bobbin_cxx}")
set(CMAKE_ASM_FLAGS_INIT "${bobbin_core}")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "${bobbin_core} --specs=nano.specs -nostartfiles -Wl,--gc-sections -Wl,--fatal-warnings")

# MinSizeRel unless asked otherwise. Debug information costs no flash.
foreach(language C CXX)
    set(CMAKE_${language}_FLAGS_MINSIZEREL_INIT "-g")
    set(CMAKE_${language}_FLAGS_DEBUG_INIT "-Og")
endforeach()
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "build type")
endif()
set(CMAKE_EXECUTABLE_SUFFIX_C .elf)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .elf)

# A map beside every image.
foreach(language C CXX)
    string(CONCAT CMAKE_${language}_LINK_EXECUTABLE
        "<CMAKE_${language}_COMPILER> <FLAGS> <CMAKE_${language}_LINK_FLAGS> <LINK_FLAGS> "
        "<OBJECTS> -o <TARGET> -Wl,-Map=<TARGET>.map <LINK_LIBRARIES>")
endforeach()
