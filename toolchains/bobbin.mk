# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors

# For projects that are built by make: what to compile and where headers are. BOBBIN is the folder
# of this project, LWIP that of lwIP's source. Compile with -std=c++20 -fno-exceptions -fno-rtti
# -ffunction-sections -fdata-sections and link with -Wl,--gc-sections: what is not used takes nothing.
#
#   BOBBIN := third_party/bobbin
#   LWIP := third_party/lwip
#   include $(BOBBIN)/toolchains/bobbin.mk
#   CPPFLAGS += $(BOBBIN_INCLUDES)
#   OBJECTS += $(BOBBIN_SOURCES:.cpp=.o) $(BOBBIN_LWIP_SOURCES:.c=.o)

# Without an operating system lwIP has no thread.
BOBBIN_SOURCES := \
    $(wildcard $(BOBBIN)/core/src/*.cpp) \
    $(wildcard $(BOBBIN)/net/src/*.cpp $(BOBBIN)/net/src/*/*.cpp) \
    $(filter-out %/milliseconds.cpp %/tcpip_host.cpp %/thread_host.cpp %/thread_pool.cpp, \
        $(wildcard $(BOBBIN)/port/lwip/src/*.cpp))

# lwIP with our configuration, whose constants are macros; one of your own may include it. Your
# program defines bobbin_lwip_assert(), bobbin_lwip_random() and sys_now().
BOBBIN_LWIP_SOURCES := \
    $(wildcard $(LWIP)/src/core/*.c $(LWIP)/src/core/ipv4/*.c $(LWIP)/src/core/ipv6/*.c) \
    $(LWIP)/src/api/tcpip.c $(LWIP)/src/netif/ethernet.c

BOBBIN_INCLUDES := \
    -I$(BOBBIN)/core/include -I$(BOBBIN)/net/include -I$(BOBBIN)/port/lwip/include \
    -isystem $(BOBBIN)/port/lwip/config -isystem $(LWIP)/src/include
