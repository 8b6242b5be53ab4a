// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <utility>

#include <bobbin/callback.hpp>
#include <bobbin/coroutine.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/error.hpp>
#include <bobbin/frame.hpp>
#include <bobbin/operation_for.hpp>
#include <bobbin/stream.hpp>
#include <bobbin/task.hpp>
#include <bobbin/tcp.hpp>

namespace bobbin {

class StreamListener;

// One accept; see StreamListener.
class [[nodiscard]] StreamAccept final : public OperationFor<Error> {
 public:
  ~StreamAccept();

  void cancel() override;

  bool await_ready();

 private:
  friend class StreamListener;

  StreamAccept(StreamListener& listener, Stream& stream) : listener_(listener), stream_(stream) {}

  bool begin(Coroutine& coroutine) override;
  void end(Error outcome);

  StreamListener& listener_;
  Stream& stream_;
};

// Connections that wait to be taken by a coroutine, in the order in which they came. Their peers
// may send, but nothing is read until then.
class StreamListener : public StreamSource {
 public:
  // Goes on when `stream`, which must not be open, has the next connection. Does not end because
  // the port stops listening. Errors: already_running; cancelled; not_running, when the server is
  // destroyed.
  StreamAccept accept(Stream& stream) { return {*this, stream}; }

 protected:
  StreamListener() = default;
  ~StreamListener() = default;

  // Nothing is accepted any more.
  void close();

 private:
  friend class StreamAccept;

  void arrived() override;
  Error trouble() const;

  StreamAccept* accept_ = nullptr;
  bool closed_ = false;
};

// A server whose connections a coroutine accepts.
//
//   CoroutineListener<sizes> server;
//   Error error = reactor.listen_tcp(Address::any(7), server);
//   ...
//   if (Error error = co_await server.accept(stream)) co_return error;
template <ConnectionSizes sizes>
class CoroutineListener final : public StreamListener,
                                public TcpServer<StreamProtocol, sizes, StreamSource> {
 public:
  CoroutineListener()
      : TcpServer<StreamProtocol, sizes, StreamSource>(static_cast<StreamSource&>(*this)) {}
  ~CoroutineListener() {
    this->close();
    this->shut_down();
  }
};

// The coroutines of a server, one for each connection: what CoroutineServer is but for its sizes.
class StreamSessions : public StreamSource {
 public:
  // Hears how each coroutine ended. Without an observer an error goes to the pool's `on_error`, but
  // for `connection_done`, which is none here.
  void on_end(CoroutinePool::Done observer) { on_end_ = observer; }

 protected:
  // A stream and the coroutine that has it.
  struct Session : Stream {
    Spawned spawned;
  };

  explicit StreamSessions(CoroutinePool& coroutines) : coroutines_(coroutines) {}
  ~StreamSessions() = default;

  template <class Body, class FrameOf>
  Error spawn(Session& session, Body& body, FrameOf& frame) {
    const Result<Spawned> spawned = coroutines_.spawn(
        body(frame, session), [this, &session](Error outcome) { ended(session, outcome); });
    if (spawned) session.spawned = *spawned;
    return spawned.error();
  }
  // Ends its coroutine without a word.
  static void destroy(Session& session);

 private:
  void arrived() override { serve(); }
  void serve();
  void ended(Session& session, Error outcome);

  // A session without a coroutine; null if there is none.
  virtual Session* free_session() = 0;
  virtual Error begin(Session& session) = 0;

  CoroutinePool& coroutines_;
  CoroutinePool::Done on_end_;
};

// A server that runs a coroutine for each connection, in a frame of `bytes`. The stream is closed
// when the coroutine ends. One that goes on after its connection was lost keeps its frame: who
// comes meanwhile waits for one that ends. When the pool of coroutines is full the connection is
// aborted. Destroying the server destroys its coroutines.
//
//   Task<Error> echo(Frame<128>&, Stream& stream);
//
//   CoroutineServer<sizes, 128> server(coroutines, echo);
//   Error error = reactor.listen_tcp(Address::any(7), server);
template <ConnectionSizes sizes, std::size_t bytes>
class CoroutineServer final : public StreamSessions,
                              public TcpServer<StreamProtocol, sizes, StreamSource> {
 public:
  using Body = InplaceFunction<Task<Error>(Frame<bytes>&, Stream&)>;

  // `coroutines` is the caller's and outlives the server.
  CoroutineServer(CoroutinePool& coroutines, Body body)
      : StreamSessions(coroutines),
        TcpServer<StreamProtocol, sizes, StreamSource>(static_cast<StreamSource&>(*this)),
        body_(body) {}
  ~CoroutineServer() {
    for (FramedSession& session : sessions_) destroy(session);
    this->shut_down();
  }

 private:
  struct FramedSession : Session {
    Frame<bytes> frame;
  };

  Session* free_session() override {
    for (FramedSession& session : sessions_) {
      if (!session.frame.taken()) return &session;
    }
    return nullptr;
  }
  Error begin(Session& session) override {
    return spawn(session, body_, static_cast<FramedSession&>(session).frame);
  }

  Body body_;
  FramedSession sessions_[sizes.connections];
};

class StreamConnector;

// One connect; see CoroutineClient.
class StreamConnect : public OperationFor<Error> {
 public:
  void cancel() override;

  bool await_ready() const { return false; }

 protected:
  StreamConnect(StreamConnector& connector, Stream& stream)
      : connector_(connector), stream_(stream) {}
  ~StreamConnect();

  bool wait_unless(Error error, Coroutine& coroutine);

 private:
  friend class StreamConnector;

  void end(Error outcome);

  StreamConnector& connector_;
  Stream& stream_;
};

// What CoroutineClient is but for its sizes.
class StreamConnector : public StreamSource {
 protected:
  StreamConnector() = default;
  ~StreamConnector() = default;

  void failed(Error reason);

 private:
  friend class StreamConnect;

  void arrived() override;
  virtual void stop_connecting_now() = 0;

  StreamConnect* connect_ = nullptr;
};

// A connection that a coroutine makes, again and again if it likes.
//
//   CoroutineClient<sizes> client;
//   ...
//   if (Error error = co_await client.open(reactor, address, stream)) co_return error;
template <ConnectionSizes sizes>
class CoroutineClient final : public StreamConnector,
                              public TcpClient<StreamProtocol, sizes, StreamSource> {
  using Client = TcpClient<StreamProtocol, sizes, StreamSource>;

 public:
  CoroutineClient() : Client(static_cast<StreamSource&>(*this)) {}
  ~CoroutineClient() { this->shut_down(); }

  template <TcpReactor R>
  class [[nodiscard]] Open final : public StreamConnect {
   public:
    Open(CoroutineClient& client, R& reactor, const Address& destination, Stream& stream,
         const ConnectOptions& options)
        : StreamConnect(client, stream),
          client_(client),
          reactor_(reactor),
          destination_(destination),
          options_(options) {}

   private:
    bool begin(Coroutine& coroutine) override {
      return this->wait_unless(reactor_.connect_tcp(destination_, client_, options_), coroutine);
    }

    CoroutineClient& client_;
    R& reactor_;
    // Copies, as the call may be over long before it is awaited.
    Address destination_;
    ConnectOptions options_;
  };

  // Goes on when `stream`, which must not be open, is connected, or cannot be. Errors: those of the
  // reactor's `connect_tcp` and of `client_connection_failed`; cancelled.
  template <TcpReactor R>
  Open<R> open(R& reactor, const Address& destination, Stream& stream,
               const ConnectOptions& options = {}) {
    return {*this, reactor, destination, stream, options};
  }

 private:
  void client_connection_failed(Error reason) override { this->failed(reason); }
  void stop_connecting_now() override { this->stop_connecting(); }
};

}  // namespace bobbin
