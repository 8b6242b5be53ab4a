// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What objects take on the machine this is compiled for: arrays of their size, which
// toolchains/size reads from the symbols.

#include <bobbin/lwip.hpp>
#include <bobbin/net.hpp>
#ifdef __linux__
#include <bobbin/posix.hpp>
#endif

namespace {

constexpr bobbin::ConnectionSizes one{.connections = 1, .receive = 64, .send = 64};
constexpr bobbin::ConnectionSizes two{.connections = 2, .receive = 64, .send = 64};

// The difference of two pools: a connection with its place for a channel, but no buffers.
constexpr std::size_t slot =
    sizeof(bobbin::Connections<two>) - sizeof(bobbin::Connections<one>) - one.receive - one.send;

}  // namespace

extern "C" {
char size_of_Transport[sizeof(bobbin::Transport)];
char size_of_each_connection_of_Connections_without_its_buffers[slot];
char size_of_Protocol[sizeof(bobbin::Protocol)];
char size_of_LineReceiver[sizeof(bobbin::AnyLineReceiver)];
char size_of_NetstringReceiver[sizeof(bobbin::AnyNetstringReceiver)];
char size_of_Int32StringReceiver[sizeof(bobbin::AnyPrefixedStringReceiver)];
char size_of_ListeningPort[sizeof(bobbin::ListeningPort)];
char size_of_Connector[sizeof(bobbin::Connector)];
char size_of_DatagramPort[sizeof(bobbin::DatagramPort)];
char size_of_LwipReactor[sizeof(bobbin::LwipReactor<>)];
#ifdef __linux__
char size_of_EpollReactor[sizeof(bobbin::EpollReactor<>)];
#endif
char size_of_each_timer_of_a_reactor[sizeof(bobbin::TimerStorage<2>) -
                                     sizeof(bobbin::TimerStorage<1>)];
char size_of_each_posted_call_of_a_reactor[sizeof(bobbin::PostedCalls::Place)];
char size_of_Stream[sizeof(bobbin::Stream)];
char size_of_StreamProtocol[sizeof(bobbin::StreamProtocol)];
char size_of_each_coroutine_of_Coroutines[sizeof(bobbin::Coroutines<2>) -
                                          sizeof(bobbin::Coroutines<1>)];
char size_of_FrameSlot[sizeof(bobbin::FrameSlot)];
char size_of_LoopingCall[sizeof(bobbin::LoopingCall)];
char size_of_DelayedCall[sizeof(bobbin::DelayedCall)];
char size_of_Callback[sizeof(bobbin::Callback)];
char size_of_Logger[sizeof(bobbin::Logger)];
char size_of_LogPublisher[sizeof(bobbin::LogPublisher)];
char size_of_LogValue[sizeof(bobbin::LogValue)];
char size_of_TextLog_without_its_line[sizeof(bobbin::TextLog<64>) - 64];
char size_of_LogHistory[sizeof(bobbin::LogHistory)];
char size_of_Address[sizeof(bobbin::Address)];
char size_of_Error[sizeof(bobbin::Error)];
char size_of_Failure[sizeof(bobbin::Failure)];
char size_of_Deferred[sizeof(bobbin::Deferred<int>)];
char size_of_each_more_stage_of_a_Deferred[sizeof(bobbin::DeferredCore::Stage)];
char size_of_DeferredList_of_three[sizeof(bobbin::DeferredList<int, 3>)];
char size_of_DeferredLock[sizeof(bobbin::DeferredLock)];
}

static_assert(sizeof(void*) > 4 || sizeof(bobbin::Transport) <= 112,
              "a connection has become larger than promised");
