// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// lwIP's options for bobbin, the same for firmware and host. Everything that costs memory is a sum
// over the consumers named here, so that a machine which stays within these bounds never runs out.
// A build overrides the BOBBIN_LWIP_* macros (and those under #ifndef) on the command line, for
// lwIP and for all that includes its headers alike.

// Open connections, however they were opened.
#ifndef BOBBIN_LWIP_CONNECTIONS
#define BOBBIN_LWIP_CONNECTIONS 8
#endif

#ifndef BOBBIN_LWIP_LISTENERS
#define BOBBIN_LWIP_LISTENERS 2
#endif

// Connections of all listeners together which finished the handshake and wait for a slot.
#ifndef BOBBIN_LWIP_BACKLOG
#define BOBBIN_LWIP_BACKLOG 4
#endif

// Connections closed by us that still exchange their last segments or sit out TIME_WAIT; lwIP
// drops the oldest of them when a new connection needs the room.
#ifndef BOBBIN_LWIP_CLOSING
#define BOBBIN_LWIP_CLOSING 4
#endif

#ifndef BOBBIN_LWIP_UDP_PORTS
#define BOBBIN_LWIP_UDP_PORTS 2
#endif

// Datagrams that wait in one UDP port for the reactor to deliver them: so many small ones, or half
// as many of a whole frame.
#ifndef BOBBIN_LWIP_DATAGRAMS
#define BOBBIN_LWIP_DATAGRAMS 4
#endif

// Multicast groups that UDP ports join, of all ports together; 0 leaves IGMP (and MLD) out. With it
// lwIP has a timer that runs ten times a second.
#ifndef BOBBIN_LWIP_GROUPS
#define BOBBIN_LWIP_GROUPS 0
#endif

// Names that are looked up at once (LwipResolver), of all resolvers together; 0 leaves DNS out.
// With it lwIP has a timer that runs once a second.
#ifndef BOBBIN_LWIP_LOOKUPS
#define BOBBIN_LWIP_LOOKUPS 0
#endif

// Users of lwIP's sys_timeout() besides lwIP itself, such as each LwipTcpipHost.
#ifndef BOBBIN_LWIP_TIMEOUTS
#define BOBBIN_LWIP_TIMEOUTS (!NO_SYS)
#endif

// Full-size buffers for data that is copied on output: tcp_write() with TCP_WRITE_FLAG_COPY and
// UDP payloads. TCP from bobbin's own rings needs none.
#ifndef BOBBIN_LWIP_COPIES
#define BOBBIN_LWIP_COPIES 4
#endif

// 1: the reactor runs lwIP. 0: lwIP has a thread of its own, tcpip_thread, and the reactor is in it
// (LwipTcpipHost) or shares lwIP by the core lock (LwipThreadHost); the system supplies
// arch/sys_arch.h and what it declares.
#ifndef NO_SYS
#define NO_SYS 1
#endif
#define SYS_LIGHTWEIGHT_PROT (!NO_SYS)
#if !NO_SYS
#define LWIP_TCPIP_CORE_LOCKING 1
// Frames on their way to lwIP's thread: as many as an Ethernet chip may hold.
#ifndef MEMP_NUM_TCPIP_MSG_INPKT
#define MEMP_NUM_TCPIP_MSG_INPKT 16
#endif
#ifndef MEMP_NUM_TCPIP_MSG_API
#define MEMP_NUM_TCPIP_MSG_API 4 /* tcpip_callback(), and one for each LwipTcpipHost */
#endif
#ifndef TCPIP_MBOX_SIZE
#define TCPIP_MBOX_SIZE (MEMP_NUM_TCPIP_MSG_INPKT + MEMP_NUM_TCPIP_MSG_API)
#endif
// lwIP's ports call by this name what fails where the caller does not hold the core lock.
#ifndef LWIP_ASSERT_CORE_LOCKED
#ifdef __cplusplus
extern "C"
#endif
void sys_check_core_locking(void);
#define LWIP_ASSERT_CORE_LOCKED() sys_check_core_locking()
#endif
#endif
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_TIMERS 1

#define LWIP_IPV4 1
#ifndef LWIP_IPV6
#define LWIP_IPV6 0
#endif
#define LWIP_ARP 1
#define LWIP_ICMP 1
#define LWIP_UDP 1
#define LWIP_TCP 1
#define LWIP_RAW 0
#define LWIP_DHCP 0
#define LWIP_DNS (BOBBIN_LWIP_LOOKUPS > 0)
#if LWIP_DNS
#define DNS_TABLE_SIZE BOBBIN_LWIP_LOOKUPS
#endif
#define LWIP_IGMP (LWIP_IPV4 && BOBBIN_LWIP_GROUPS > 0)
#define MEMP_NUM_IGMP_GROUP (BOBBIN_LWIP_GROUPS + 2 /* all systems, on two interfaces */)
#define LWIP_IPV6_MLD (LWIP_IPV6 && BOBBIN_LWIP_GROUPS > 0)
#define MEMP_NUM_MLD6_GROUP (BOBBIN_LWIP_GROUPS + 8 /* of the addresses of two interfaces */)
#define LWIP_MULTICAST_TX_OPTIONS (BOBBIN_LWIP_GROUPS > 0)
// Each of several ports that share an address hears a group.
#define SO_REUSE_RXTOALL (BOBBIN_LWIP_GROUPS > 0)

// TCP never sends fragments; reassembly would let strangers hold buffers for seconds.
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_FRAG 0

#ifndef LWIP_NETIF_LOOPBACK
#define LWIP_NETIF_LOOPBACK 0
#endif
#ifndef LWIP_HAVE_LOOPIF
#define LWIP_HAVE_LOOPIF LWIP_NETIF_LOOPBACK
#endif
// Frames on their way through the loop, for all interfaces; each takes a buffer of both sizes.
#if LWIP_NETIF_LOOPBACK
#ifndef LWIP_LOOPBACK_MAX_PBUFS
#define LWIP_LOOPBACK_MAX_PBUFS 32
#endif
#define BOBBIN_LWIP_LOOPED_FRAMES LWIP_LOOPBACK_MAX_PBUFS
#else
#define BOBBIN_LWIP_LOOPED_FRAMES 0
#endif

#define LWIP_NETIF_STATUS_CALLBACK 0
#define LWIP_NETIF_LINK_CALLBACK 0

#ifndef LWIP_STATS
#define LWIP_STATS 0
#endif

// A port may be listened on again while its old connections are open or in TIME_WAIT.
#define SO_REUSE 1

// A frame that waits for an answer to ARP must not go on pointing at bytes of a ring: by the time
// it leaves they may have been released. lwIP itself copies only what it calls volatile.
#define PBUF_NEEDS_COPY(p) (((p)->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) == 0)

#define LWIP_HOOK_FILENAME "bobbin_lwip_hooks.h"

#define LWIP_CALLBACK_API 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_LISTEN_BACKLOG 1
// What tcp_listen() takes. lwIP counts handshakes under way as well, so that BOBBIN_LWIP_BACKLOG
// alone would ignore, for seconds, clients who come all at once.
#define TCP_DEFAULT_LISTEN_BACKLOG (BOBBIN_LWIP_CONNECTIONS + BOBBIN_LWIP_BACKLOG)
// For the windows of those who wait in the backlog; bobbin's is the last of them.
#ifndef LWIP_TCP_PCB_NUM_EXT_ARGS
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1
#endif
#define TCP_MSS 1460
#ifndef TCP_WND
#define TCP_WND (4 * TCP_MSS)
#endif
#ifndef TCP_SND_BUF
#define TCP_SND_BUF (4 * TCP_MSS)
#endif

// Per segment of TCP_SND_BUF: its header and, at a ring's end, two pieces of data.
#define TCP_SND_QUEUELEN (3 * ((TCP_SND_BUF + TCP_MSS - 1) / TCP_MSS))

// Segments that arrive ahead of a lost one are kept within these bounds, per connection.
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_BYTES (2 * TCP_MSS)
#define TCP_OOSEQ_MAX_PBUFS (2 * BOBBIN_LWIP_FRAME_PBUFS)

// Ethernet's two bytes of padding put the IP header on a word boundary.
#ifndef ETH_PAD_SIZE
#define ETH_PAD_SIZE 2
#endif

#define MEM_ALIGNMENT __SIZEOF_POINTER__
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_USE_POOLS 1
#define MEM_USE_POOLS_TRY_BIGGER_POOL 1
#define MEMP_USE_CUSTOM_POOLS 1

// Received frames: small buffers in chains, as most frames are bare acknowledgements. The size must
// be a multiple of 4, which drivers that read whole words rely on.
#ifndef PBUF_POOL_BUFSIZE
#define PBUF_POOL_BUFSIZE 512
#endif
// Buffers of one frame of the greatest size: padding, Ethernet header, 1500 bytes, FCS.
#define BOBBIN_LWIP_FRAME_PBUFS ((2 + 14 + 1500 + 4 + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE)
// Buffers of the datagrams that wait in one UDP port.
#define BOBBIN_LWIP_DATAGRAM_PBUFS ((BOBBIN_LWIP_DATAGRAMS + 1) / 2 * BOBBIN_LWIP_FRAME_PBUFS)
#define BOBBIN_LWIP_WINDOW_FRAMES ((TCP_WND + TCP_MSS - 1) / TCP_MSS)

#ifndef PBUF_POOL_SIZE
// A window of unread data for each connection, data sent right behind the handshake by as many as
// there are further pcbs, what waits in UDP ports, and two frames in passing.
#define PBUF_POOL_SIZE                                                              \
  (BOBBIN_LWIP_FRAME_PBUFS * (BOBBIN_LWIP_CONNECTIONS * BOBBIN_LWIP_WINDOW_FRAMES + \
                              BOBBIN_LWIP_BACKLOG + BOBBIN_LWIP_CLOSING + 2) +      \
   BOBBIN_LWIP_UDP_PORTS * BOBBIN_LWIP_DATAGRAM_PBUFS +                               \
   BOBBIN_LWIP_LOOKUPS /* answers of name servers */ * BOBBIN_LWIP_FRAME_PBUFS)
#endif

#define MEMP_NUM_TCP_PCB                            \
  (BOBBIN_LWIP_CONNECTIONS /* open */               \
   + BOBBIN_LWIP_BACKLOG   /* waiting for a slot */ \
   + BOBBIN_LWIP_CLOSING /* on their way out */)

#define MEMP_NUM_TCP_PCB_LISTEN BOBBIN_LWIP_LISTENERS

// Per connection: data in TCP_SND_BUF, SYN or FIN, segments ahead of a lost one (which stay within
// TCP_OOSEQ_MAX_PBUFS). Connections that wait or close have at most a SYN or FIN.
#define MEMP_NUM_TCP_SEG                                                        \
  (BOBBIN_LWIP_CONNECTIONS * (TCP_SND_QUEUELEN / 2 + 1 + TCP_OOSEQ_MAX_PBUFS) + \
   BOBBIN_LWIP_BACKLOG + BOBBIN_LWIP_CLOSING)

// References to data that is not copied: two for each segment in TCP_SND_BUF.
#define MEMP_NUM_PBUF                                                      \
  (BOBBIN_LWIP_CONNECTIONS * 2 * ((TCP_SND_BUF + TCP_MSS - 1) / TCP_MSS) + \
   BOBBIN_LWIP_UDP_PORTS /* one datagram's payload each */)

#define MEMP_NUM_UDP_PCB (BOBBIN_LWIP_UDP_PORTS + BOBBIN_LWIP_LOOKUPS)
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + BOBBIN_LWIP_TIMEOUTS)

// Every peer on the local net needs an entry while it talks, and the gateway.
#ifndef ARP_TABLE_SIZE
#define ARP_TABLE_SIZE (BOBBIN_LWIP_CONNECTIONS + 2)
#endif
// Packets that wait for the answer to an ARP request, at most all of them for the gateway: the
// first of each connection. Without a queue all but one would be lost, for seconds.
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN \
  (BOBBIN_LWIP_CONNECTIONS + BOBBIN_LWIP_BACKLOG + BOBBIN_LWIP_UDP_PORTS + BOBBIN_LWIP_LOOKUPS)
#define MEMP_NUM_ARP_QUEUE ARP_QUEUE_LEN

// The two sizes of buffer in lwippools.h, smallest first.
// Headers alone: segments without copied data, acknowledgements, resets, ARP, small ICMP and UDP.
#define BOBBIN_LWIP_SMALL_BUFFERS                                                 \
  (BOBBIN_LWIP_CONNECTIONS * (TCP_SND_QUEUELEN / 2 /* headers of data segments */ \
                              + 1 /* SYN or FIN */) +                             \
   BOBBIN_LWIP_BACKLOG + BOBBIN_LWIP_CLOSING /* SYN or FIN */                     \
   + BOBBIN_LWIP_UDP_PORTS                   /* headers of datagrams */           \
   + BOBBIN_LWIP_LOOPED_FRAMES +                                                  \
   4 /* passing: an acknowledgement, a reset, an ARP request, an ICMP answer */)

#define BOBBIN_LWIP_LARGE_BUFFERS \
  (BOBBIN_LWIP_COPIES + BOBBIN_LWIP_LOOPED_FRAMES + BOBBIN_LWIP_LOOKUPS /* questions */)
