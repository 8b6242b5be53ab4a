// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// All of core. A program adds its port's header, such as <bobbin/posix.hpp>.
#include <bobbin/address.hpp>
#include <bobbin/await.hpp>
#include <bobbin/await_deferred.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/datagram_port.hpp>
#include <bobbin/datagram_protocol.hpp>
#include <bobbin/debounce.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/deferred_list.hpp>
#include <bobbin/deferred_lock.hpp>
#include <bobbin/deferred_queue.hpp>
#include <bobbin/error.hpp>
#include <bobbin/eventual_queue.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/frame.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/log.hpp>
#include <bobbin/looping_call.hpp>
#include <bobbin/lru_cache.hpp>
#include <bobbin/one_shot_observer.hpp>
#include <bobbin/operation_group.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/statistics.hpp>
#include <bobbin/stream.hpp>
#include <bobbin/stream_tcp.hpp>
#include <bobbin/task.hpp>
#include <bobbin/tcp.hpp>
#include <bobbin/thread_pool.hpp>
#include <bobbin/time.hpp>
#include <bobbin/transport.hpp>
#include <bobbin/udp.hpp>
#include <bobbin/when.hpp>
