// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>
#include <utility>

#include "poem_client.hpp"

namespace poetry {

// A poem, as a Deferred. All ways in which it may end come together in one place that somebody else
// has made, and may wait for, add to, limit and cancel without knowing what is behind it.
class DeferredDownload final : public PoemClient {
 public:
  using Text = Deferred<std::string_view>;

  DeferredDownload() = default;
  ~DeferredDownload() { shut_down(); }

  // Fires `text` with the poem when it is here. Cancelling it ends the connection.
  void get(Reactor& reactor, Poem& poem, Text& text) {
    poem_ = &poem;
    text_ = &text;
    text.on_cancel([this] {
      text_ = nullptr;
      disconnect();
    });
    if (Error error = connect(reactor, poem)) finish(error);
  }

 private:
  void poem_is_too_long() override {
    finish(Errc::message_too_long);
    disconnect();
  }
  void client_connection_failed(Error reason) override { finish(reason); }
  void client_connection_lost(Error reason) override { finish(error_of_end(reason)); }

  // Who was cancelled, or has been told, is not told again.
  void finish(Error error) {
    Text* const text = std::exchange(text_, nullptr);
    if (text == nullptr) return;
    text->fire_with([this, error] {
      return error ? Outcome<std::string_view>(Failure(error)) : poem_->text();
    });
  }

  Poem* poem_ = nullptr;
  Text* text_ = nullptr;
};

// All of them at once.
class DeferredStyle {
 public:
  DeferredStyle(Reactor& reactor, Duration limit) : reactor_(reactor), limit_(limit) {}

  void get(Poem& poem) {
    DeferredDownload::Text& text = texts_[count_];
    downloads_[count_++].get(reactor_, poem, text);
    text.add_timeout(reactor_, limit_)
        .add_callbacks([&poem] { poem.end({}); },
                       [&poem](Failure failure) { poem.end(failure.error()); });
  }

 private:
  Reactor& reactor_;
  Duration limit_;
  std::size_t count_ = 0;
  DeferredDownload downloads_[poems_max];
  DeferredDownload::Text texts_[poems_max];
};

}  // namespace poetry
