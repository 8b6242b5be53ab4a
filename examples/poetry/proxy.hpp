// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>

#include "deferred_style.hpp"
#include "recital.hpp"

namespace poetry {

// A place for the poem, with all it takes to fetch it.
struct Page {
  // Whether another poem may be written here.
  bool free() const {
    return readers == 0 && download.state() == bobbin::Connector::State::disconnected;
  }

  Poem poem;
  DeferredDownload download;
  Deferred<std::string_view> text;
  std::size_t readers = 0;  // clients it is being read to
};

struct ProxyOptions {
  Address upstream;
  Duration time_to_live;
  Duration timeout;  // of a download
};

// Fetches a poem when it is wanted, keeps it for a while, and fetches it once for all who want it
// meanwhile. There are several pages, as who reads slowly may still read an old poem when the new
// one comes.
class Proxy {
 public:
  Proxy(Reactor& reactor, const ProxyOptions& options)
      : reactor_(reactor),
        options_(options),
        cache_([this](const Address& server, Deferred<Page*>& page) { fetch(server, page); },
               reactor, {.time_to_live = options.time_to_live}) {}

  // Fires `page` with the poem, now or later.
  void get(Deferred<Page*>& page) {
    const std::uint32_t fetches = cache_.misses();
    cache_.get(options_.upstream, page);
    if (cache_.misses() > fetches) return;
    example::print(page.called() ? "Using cached poem." : "Waiting for poem from server.");
  }

  // Somebody has left, perhaps the last who waited.
  void somebody_left() { cache_.cancel_unwanted(); }

 private:
  // Two Deferreds: the one for the poem from one server within a time, the other for those who
  // wait, who may all go.
  void fetch(const Address& server, Deferred<Page*>& wanted) {
    example::print("Fetching poem from server.");
    const auto page = std::ranges::find_if(pages_, &Page::free);
    if (page == std::end(pages_)) return static_cast<void>(wanted.errback(Errc::no_capacity));
    wanted.on_cancel([page] {
      example::print("Canceling poem download.");
      page->text.cancel();
    });
    page->text.reset();
    page->text.add_timeout(reactor_, options_.timeout)
        .add_callbacks([page, &wanted] { wanted.callback(page); },
                       [&wanted](Failure failure) { wanted.errback(failure); });
    page->poem.want_from(server);
    page->download.get(reactor_, page->poem, page->text);
  }

  Reactor& reactor_;
  const ProxyOptions options_;
  Page pages_[4];
  bobbin::LruCache<Address, Page*, 1> cache_;
};

// A client of the proxy. It waits in silence: one that ends its side has left.
class ProxyProtocol final : public Protocol {
 public:
  explicit ProxyProtocol(Proxy& proxy) : proxy_(proxy) {}

  void connection_made() override {
    wanted_.add_callbacks([this](Page* page) { read_from(*page); },
                          [this](Failure failure) { give_up(failure.error()); });
    proxy_.get(wanted_);
  }

  void connection_lost(Error) override {
    if (page_ != nullptr) --page_->readers;
    wanted_.cancel();
    proxy_.somebody_left();
  }

 private:
  void read_from(Page& page) {
    page_ = &page;
    ++page.readers;
    reading_.start(transport(), page.poem.text());
  }

  // The client sees an end without a poem, unless it, or all of this, came to an end itself.
  void give_up(Error error) {
    const bool over = error == Errc::cancelled || error == Errc::connection_aborted;
    if (!over) example::print_error("no poem from the server: ", error);
    transport().lose_connection();
  }

  Proxy& proxy_;
  Page* page_ = nullptr;
  Deferred<Page*> wanted_;
  Reading reading_;
};

}  // namespace poetry
