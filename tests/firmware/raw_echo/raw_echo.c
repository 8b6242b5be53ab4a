// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A TCP echo on port 7 written the usual way, straight on lwIP's callbacks and with copies: what
// bobbin's own echo is measured against.

#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "raw_echo.h"

enum { echo_port = 7, polls_before_abort = 60 };

struct echo {
  struct tcp_pcb* pcb;
  struct pbuf* unsent;  // received, not yet taken by tcp_write()
  uint8_t polls;        // tcp_poll() calls since the last progress
  bool closing;
};

static struct echo echoes[BOBBIN_LWIP_CONNECTIONS];

static struct echo* free_echo(void) {
  for (size_t i = 0; i < BOBBIN_LWIP_CONNECTIONS; ++i) {
    if (echoes[i].pcb == NULL) {
      return &echoes[i];
    }
  }
  return NULL;
}

static void release(struct echo* echo) {
  if (echo->unsent != NULL) {
    pbuf_free(echo->unsent);
  }
  *echo = (struct echo){0};
}

static void send_unsent(struct echo* echo) {
  while (echo->unsent != NULL) {
    struct pbuf* const piece = echo->unsent;
    if (piece->len > tcp_sndbuf(echo->pcb) ||
        tcp_write(echo->pcb, piece->payload, piece->len, TCP_WRITE_FLAG_COPY) != ERR_OK) {
      break;
    }
    const u16_t length = piece->len;
    echo->unsent = piece->next;
    if (echo->unsent != NULL) {
      pbuf_ref(echo->unsent);
    }
    pbuf_free(piece);
    tcp_recved(echo->pcb, length);
    echo->polls = 0;
  }
  tcp_output(echo->pcb);
}

static void close_when_done(struct echo* echo) {
  struct tcp_pcb* const pcb = echo->pcb;
  if (!echo->closing || echo->unsent != NULL || tcp_close(pcb) != ERR_OK) {
    return;
  }
  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_err(pcb, NULL);
  tcp_poll(pcb, NULL, 0);
  release(echo);
}

static err_t on_received(void* argument, struct tcp_pcb* pcb, struct pbuf* data, err_t error) {
  struct echo* const echo = argument;
  (void)pcb;
  (void)error;
  if (data == NULL) {
    echo->closing = true;
  } else if (echo->unsent == NULL) {
    echo->unsent = data;
  } else {
    pbuf_cat(echo->unsent, data);
  }
  send_unsent(echo);
  close_when_done(echo);
  return ERR_OK;
}

static err_t on_sent(void* argument, struct tcp_pcb* pcb, u16_t length) {
  struct echo* const echo = argument;
  (void)pcb;
  (void)length;
  send_unsent(echo);
  close_when_done(echo);
  return ERR_OK;
}

static err_t on_poll(void* argument, struct tcp_pcb* pcb) {
  struct echo* const echo = argument;
  if ((echo->unsent != NULL || echo->closing) && ++echo->polls > polls_before_abort) {
    tcp_abort(pcb);
    return ERR_ABRT;
  }
  send_unsent(echo);
  close_when_done(echo);
  return ERR_OK;
}

// The pcb is gone already.
static void on_error(void* argument, err_t error) {
  (void)error;
  release(argument);
}

static err_t on_accepted(void* argument, struct tcp_pcb* pcb, err_t error) {
  struct echo* const echo = free_echo();
  (void)argument;
  if (error != ERR_OK || echo == NULL) {
    tcp_abort(pcb);
    return ERR_ABRT;
  }
  echo->pcb = pcb;
  tcp_arg(pcb, echo);
  tcp_recv(pcb, on_received);
  tcp_sent(pcb, on_sent);
  tcp_err(pcb, on_error);
  tcp_poll(pcb, on_poll, 1);
  return ERR_OK;
}

void raw_echo_listen(void) {
  struct tcp_pcb* pcb = tcp_new();
  LWIP_ASSERT("a pcb to listen with", pcb != NULL);
  const err_t bound = tcp_bind(pcb, IP_ADDR_ANY, echo_port);
  LWIP_ASSERT("the echo port", bound == ERR_OK);
  pcb = tcp_listen(pcb);
  LWIP_ASSERT("a listening pcb", pcb != NULL);
  tcp_accept(pcb, on_accepted);
}
