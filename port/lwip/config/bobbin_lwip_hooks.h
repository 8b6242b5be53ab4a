// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// lwIP with its window closed takes even an empty acknowledgement in order for one outside of the
// window, and answers it. A peer that does the same, as lwIP itself does once it has sent a window
// probe, answers the answer: the two go on for ever, as fast as they can. An exact duplicate of the
// last acknowledgement has nothing to say, so while the window is closed it is dropped here, before
// lwIP sees it; it still proves that the peer is there, which probes and keep-alive want to know.
//
// The macro is expanded inside tcp_in.c and reads the variables of the segment being received.
// States before ESTABLISHED are let through: a listening pcb has not these fields.
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, options, first, second, packet)                \
  (((pcb)->state >= ESTABLISHED && tcplen == 0 && flags == TCP_ACK && (pcb)->rcv_wnd == 0 &&   \
    seqno == (pcb)->rcv_nxt && ackno == (pcb)->lastack && (header)->wnd == (pcb)->snd_wnd)     \
       ? ((pcb)->persist_probe = 0, (pcb)->keep_cnt_sent = 0, (pcb)->tmr = tcp_ticks, ERR_VAL) \
       : ERR_OK)
