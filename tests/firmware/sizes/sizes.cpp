// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What objects take on the machine this is compiled for: arrays of their size, which
// toolchains/size reads from the symbols. What has sizes of its own is told with as little as it
// can have: one connection, buffers of 64 bytes each, protocols without members, values of an int.
// tests/rules/check.py holds this against the public headers, and README.md says what is left out.

#include <bobbin/amp.hpp>
#include <bobbin/http.hpp>
#include <bobbin/log.hpp>
#include <bobbin/log_history.hpp>
#include <bobbin/lwip.hpp>
#include <bobbin/lwip/resolver.hpp>
#include <bobbin/net.hpp>
#ifdef __linux__
#include <bobbin/lwip/tcpip_host.hpp>
#include <bobbin/lwip/thread_host.hpp>
#include <bobbin/lwip/thread_pool.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/memory/simulation.hpp>
#include <bobbin/posix.hpp>
#include <bobbin/posix/application.hpp>
#include <bobbin/posix/command_line.hpp>
#include <bobbin/posix/directory.hpp>
#include <bobbin/posix/process_one.hpp>
#include <bobbin/posix/process_service.hpp>
#include <bobbin/posix/serial_port.hpp>
#include <bobbin/posix/stop_signals.hpp>
#else
#include <bobbin/mps2/ethernet.hpp>
#include <bobbin/mps2/lwip_board.hpp>
#endif

namespace {

constexpr bobbin::ConnectionSizes one{.connections = 1, .receive = 64, .send = 64};
constexpr bobbin::ConnectionSizes two{.connections = 2, .receive = 64, .send = 64};

// The difference of two pools: a connection with its place for a channel, but no buffers.
constexpr std::size_t slot =
    sizeof(bobbin::Connections<two>) - sizeof(bobbin::Connections<one>) - one.receive - one.send;

// What the second of two takes.
template <template <std::size_t> class Sized>
constexpr std::size_t each = sizeof(Sized<2>) - sizeof(Sized<1>);

#ifdef __linux__
using Reactor = bobbin::EpollReactor<>;
#else
using Reactor = bobbin::LwipReactor<>;
#endif
using Server = bobbin::TcpServer<bobbin::Protocol, one>;
using Client = bobbin::ReconnectingClient<bobbin::Protocol, one>;

struct InStates : bobbin::StatefulProtocol<InStates> {};
struct Asking : bobbin::http::Requester<> {
  void response_received(const bobbin::http::ResponseHead&) override {}
};
constexpr bobbin::http::ClientSizes one_kept{.connections = 1};
struct Peer : bobbin::amp::Peer<Peer, bobbin::amp::PeerLimits{.questions = 1, .answers = 1}> {};
struct Nop {
  static constexpr std::string_view name = "Nop";
  using Arguments = bobbin::amp::Nothing;
  using Response = bobbin::amp::Nothing;
};
struct Site : bobbin::http::RoutedResponder<Site> {};
struct Keeping : bobbin::http::ContentResponder<Keeping, 64> {};
struct Page : bobbin::http::Responder<> {
  void request_received(const bobbin::http::RequestHead&) override {}
};
template <std::size_t connections>
constexpr bobbin::ConnectionSizes web{
    .connections = connections, .receive = Page::receive_min, .send = Page::send_min};
template <std::size_t connections>
using WebServer = bobbin::TcpServer<Page, web<connections>>;

}  // namespace

extern "C" {
// Connections.
char size_of_Transport[sizeof(bobbin::Transport)];
char size_of_each_connection_of_Connections_without_its_buffers[slot];
char size_of_ConnectionRegion[sizeof(bobbin::ConnectionRegion)];
char size_of_TcpServer_of_one_connection[sizeof(Server)];
char size_of_TcpClient_of_one_connection[sizeof(bobbin::TcpClient<bobbin::Protocol, one>)];
char size_of_ReconnectingClient_of_one_connection[sizeof(Client)];
char size_of_RacingClient_of_one_connection[sizeof(bobbin::RacingClient<bobbin::Protocol, one>)];
char size_of_UdpPort_without_its_buffer[sizeof(bobbin::UdpPort<64>) - 64];
char size_of_HostClient_of_one_connection[sizeof(bobbin::HostClient<bobbin::Protocol, one>)];
char size_of_Lookup_of_one_address[sizeof(bobbin::Lookup<1>)];
char size_of_HostTable[sizeof(bobbin::HostTable)];
char size_of_LwipResolver_of_one_lookup[sizeof(bobbin::LwipResolver<1>)];
char size_of_ListeningPort[sizeof(bobbin::ListeningPort)];
char size_of_Connector[sizeof(bobbin::Connector)];
char size_of_Reconnector[sizeof(bobbin::Reconnector)];
char size_of_ConnectionRace[sizeof(bobbin::ConnectionRace)];
char size_of_RaceLane[sizeof(bobbin::RaceLane)];
char size_of_DatagramPort[sizeof(bobbin::DatagramPort)];
char size_of_DatagramProtocol[sizeof(bobbin::DatagramProtocol)];
char size_of_Address[sizeof(bobbin::Address)];
char size_of_AddressText[sizeof(bobbin::AddressText)];

// Protocols.
char size_of_Protocol[sizeof(bobbin::Protocol)];
char size_of_LineReceiver[sizeof(bobbin::AnyLineReceiver)];
char size_of_NetstringReceiver[sizeof(bobbin::AnyNetstringReceiver)];
char size_of_Int32StringReceiver[sizeof(bobbin::AnyPrefixedStringReceiver)];
char size_of_RecordReceiver[sizeof(bobbin::RecordReceiver<4>)];
char size_of_StatefulProtocol[sizeof(InStates)];
char size_of_http_Responder[sizeof(bobbin::http::Responder<>)];
char size_of_http_RoutedResponder[sizeof(Site)];
char size_of_http_ContentResponder_without_its_content[sizeof(Keeping) - 64];
char size_of_each_connection_of_an_HTTP_server_with_its_timer_without_its_buffers
    [sizeof(WebServer<2>) - sizeof(WebServer<1>) - web<1>.receive - web<1>.send +
     each<bobbin::TimerStorage>];
char size_of_http_Requester[sizeof(Asking)];
char size_of_http_Client_of_one_connection_without_its_buffers[sizeof(
                                                                   bobbin::http::Client<one_kept>) -
                                                               one_kept.receive - one_kept.send];
char size_of_http_ResolvingClient_of_one_connection_without_its_buffers
    [sizeof(bobbin::http::ResolvingClient<one_kept>) - one_kept.receive - one_kept.send];
char size_of_http_Exchange[sizeof(bobbin::http::Exchange)];
char size_of_http_Fetch_without_its_content[sizeof(bobbin::http::Fetch<64>) - 64];
char size_of_http_KeptFields_without_their_room[sizeof(bobbin::http::KeptFields)];
char size_of_http_EventStream[sizeof(bobbin::http::EventStream)];
char size_of_http_EventBroadcaster[sizeof(bobbin::http::EventBroadcaster)];
char size_of_http_TemplateAnswer[sizeof(bobbin::http::TemplateAnswer)];
char size_of_http_EmbeddedFiles[sizeof(bobbin::http::EmbeddedFiles)];
char size_of_http_DateClock[sizeof(bobbin::http::DateClock)];
char size_of_amp_Peer_of_one_question_and_answer[sizeof(Peer)];
char size_of_amp_Question[sizeof(bobbin::amp::Question<Nop>)];
char size_of_amp_BoxDecoder[sizeof(bobbin::amp::BoxDecoder)];
char size_of_LineDecoder[sizeof(bobbin::LineDecoder)];
char size_of_NetstringDecoder[sizeof(bobbin::NetstringDecoder)];
char size_of_PrefixedDecoder[sizeof(bobbin::PrefixedDecoder)];
char size_of_http_RequestDecoder[sizeof(bobbin::http::RequestDecoder)];
char size_of_http_ResponseDecoder[sizeof(bobbin::http::ResponseDecoder)];
char size_of_http_BodyDecoder[sizeof(bobbin::http::BodyDecoder)];
char size_of_JsonReader[sizeof(bobbin::JsonReader)];
char size_of_JsonWriter[sizeof(bobbin::JsonWriter)];

// Reactors and time.
char size_of_LwipReactor[sizeof(bobbin::LwipReactor<>)];
char size_of_each_timer_of_a_reactor[each<bobbin::TimerStorage>];
char size_of_each_posted_call_of_a_reactor[sizeof(bobbin::PostedCalls::Place)];
char size_of_StandingCall[sizeof(bobbin::StandingCall)];
char size_of_ManualClock_of_one_timer[sizeof(bobbin::ManualClock<1>)];
char size_of_DelayedCall[sizeof(bobbin::DelayedCall)];
char size_of_Callback[sizeof(bobbin::Callback)];
char size_of_LoopingCall[sizeof(bobbin::LoopingCall)];
char size_of_Debounce[sizeof(bobbin::Debounce)];
char size_of_Cooperator[sizeof(bobbin::Cooperator)];
char size_of_CooperativeTask[sizeof(bobbin::CooperativeTask)];
char size_of_EventualQueue_of_one_call[sizeof(bobbin::EventualQueue<1>)];
char size_of_Backoff[sizeof(bobbin::Backoff)];
char size_of_Random[sizeof(bobbin::Random)];
char size_of_Ring[sizeof(bobbin::Ring)];
char size_of_Pool_of_one_int[sizeof(bobbin::Pool<int, 1>)];

// Results that come later.
char size_of_Error[sizeof(bobbin::Error)];
char size_of_Failure[sizeof(bobbin::Failure)];
char size_of_Deferred[sizeof(bobbin::Deferred<int>)];
char size_of_each_more_stage_of_a_Deferred[sizeof(bobbin::DeferredCore::Stage)];
char size_of_DeferredList_of_three[sizeof(bobbin::DeferredList<int, 3>)];
char size_of_FirstSuccess_of_three[sizeof(bobbin::FirstSuccess<int, 3>)];
char size_of_DeferredLock[sizeof(bobbin::DeferredLock)];
char size_of_DeferredSemaphore[sizeof(bobbin::DeferredSemaphore)];
char size_of_DeferredQueue_of_one_value[sizeof(bobbin::DeferredQueue<int, 1>)];
char size_of_OneShotObserver[sizeof(bobbin::OneShotObserver<int>)];
char size_of_Fanout_to_two[sizeof(bobbin::Fanout<int, 2>)];
char size_of_LruCache_of_one_value[sizeof(bobbin::LruCache<int, int, 1>)];
char size_of_OperationGroup_of_one[sizeof(bobbin::OperationGroup<1>)];
char size_of_TaskDeferred[sizeof(bobbin::TaskDeferred<int>)];

// Coroutines.
char size_of_Stream[sizeof(bobbin::Stream)];
char size_of_StreamProtocol[sizeof(bobbin::StreamProtocol)];
char size_of_CoroutineListener_of_one_connection[sizeof(bobbin::CoroutineListener<one>)];
char size_of_CoroutineServer_of_one_connection_without_its_frame
    [sizeof(bobbin::CoroutineServer<one, 64>) - sizeof(bobbin::Frame<64>)];
char size_of_CoroutineClient_of_one_connection[sizeof(bobbin::CoroutineClient<one>)];
char size_of_each_coroutine_of_Coroutines[each<bobbin::Coroutines>];
char size_of_Spawned[sizeof(bobbin::Spawned)];
char size_of_FrameSlot[sizeof(bobbin::FrameSlot)];
char size_of_Deadline[sizeof(bobbin::Deadline)];
char size_of_Signal[sizeof(bobbin::Signal)];
char size_of_Lock[sizeof(bobbin::Lock)];
char size_of_Semaphore[sizeof(bobbin::Semaphore)];
char size_of_Queue_of_one_value[sizeof(bobbin::Queue<int, 1>)];

// Programs.
char size_of_Service[sizeof(bobbin::Service)];
char size_of_MultiService[sizeof(bobbin::MultiService)];
char size_of_TopService[sizeof(bobbin::TopService)];
char size_of_Supervisor_of_one_restart[sizeof(bobbin::Supervisor<1>)];
char size_of_TaskService[sizeof(bobbin::TaskService)];
char size_of_TimerService[sizeof(bobbin::TimerService)];
char size_of_TcpServerService_of_one_connection[sizeof(bobbin::TcpServerService<Reactor, Server>)];
char size_of_ClientService_of_one_connection[sizeof(bobbin::ClientService<Reactor, Client>)];
char size_of_BoundedConnection[sizeof(bobbin::BoundedConnection<bobbin::Protocol>)];
char size_of_ThreadPool[sizeof(bobbin::ThreadPool)];

// Logs.
char size_of_Logger[sizeof(bobbin::Logger)];
char size_of_LogPublisher[sizeof(bobbin::LogPublisher)];
char size_of_LogValue[sizeof(bobbin::LogValue)];
char size_of_LogFilter_of_one_rule[sizeof(bobbin::LogFilter<1>)];
char size_of_TextLog_without_its_line[sizeof(bobbin::TextLog<64>) - 64];
char size_of_JsonLog_without_its_line[sizeof(bobbin::JsonLog<64>) - 64];
char size_of_LogHistory[sizeof(bobbin::LogHistory)];
char size_of_LoggedErrors_of_one[sizeof(bobbin::LoggedErrors<1>)];

#ifdef __linux__
char size_of_EpollReactor[sizeof(bobbin::EpollReactor<>)];
char size_of_PollReactor[sizeof(bobbin::PollReactor<>)];
char size_of_Process[sizeof(bobbin::Process)];
char size_of_ChildProcess[sizeof(bobbin::ChildProcess<>)];
char size_of_ProcessProtocol[sizeof(bobbin::ProcessProtocol)];
char size_of_ProcessService[sizeof(bobbin::ProcessService)];
char size_of_ProcessOne[sizeof(bobbin::ProcessOne)];
char size_of_PosixThreadPool_of_one_of_each[sizeof(
    bobbin::PosixThreadPool<{.workers = 1, .jobs = 1}>)];
char size_of_PosixResolver_of_one_lookup_and_address[sizeof(
    bobbin::PosixResolver<{.lookups = 1, .addresses = 1}>)];
char size_of_LwipThreadPool_of_one_of_each[sizeof(
    bobbin::LwipThreadPool<{.workers = 1, .jobs = 1}>)];
char size_of_http_FileAnswer[sizeof(bobbin::http::FileAnswer<bobbin::OpenFile>)];
char size_of_Directory[sizeof(bobbin::Directory)];
char size_of_SerialPort[sizeof(bobbin::SerialPort)];
char size_of_StandardIo[sizeof(bobbin::StandardIo)];
char size_of_DescriptorPair[sizeof(bobbin::DescriptorPair)];
char size_of_Descriptor[sizeof(bobbin::Descriptor)];
char size_of_Application[sizeof(bobbin::Application)];
char size_of_CommandLine[sizeof(bobbin::CommandLine)];
char size_of_PidFile[sizeof(bobbin::PidFile)];
char size_of_StopSignals[sizeof(bobbin::StopSignals)];
char size_of_LwipThreadHost[sizeof(bobbin::LwipThreadHost)];
char size_of_LwipTcpipHost[sizeof(bobbin::LwipTcpipHost)];
char size_of_MemoryNetwork[sizeof(bobbin::MemoryNetwork<>)];
char size_of_MemoryReactor[sizeof(bobbin::MemoryReactor<>)];
char size_of_Simulation[sizeof(bobbin::Simulation<>)];
#else
char size_of_LwipBoard[sizeof(bobbin::mps2::LwipBoard)];
char size_of_Ethernet[sizeof(bobbin::mps2::Ethernet)];
#endif
}

static_assert(sizeof(void*) > 4 || sizeof(bobbin::Transport) <= 112,
              "a connection has become larger than promised");
