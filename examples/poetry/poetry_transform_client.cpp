// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Gets poems, has each transformed by a server, and prints what has become of it: a chain that
// waits for the server's address, the poem, the address of who transforms it, and the answer. A
// poem that cannot be transformed is printed as it is.

#include "arguments.hpp"
#include "deferred_style.hpp"
#include "names.hpp"
#include "program.hpp"
#include "transform_request.hpp"

namespace {

using namespace poetry;

struct Settings {
  Reactor& reactor;
  Names& names;
  Server transformer;
  std::string_view transform;
  Duration limit;
};

class TransformedPoem {
 public:
  using Text = Deferred<std::string_view>;

  void want_from(const Server& server) { server_ = server; }

  // Nothing comes out in the end but that it has been seen to.
  bobbin::Chain<void> get(Settings& settings) {
    settings_ = &settings;
    return settings.names.find(server_, settings.limit)
        .add_callback([this](const Address* server) { return download(*server); })
        .add_callbacks([](std::string_view text) { write(example::Output::results, text); },
                       [this](Failure failure) {
                         failed_ = true;
                         example::print_error("The poem download failed: ", server_, ": ",
                                              failure.error());
                       });
  }

  bool failed() const { return failed_; }

 private:
  // The first chain waits for what these return.
  bobbin::Chain<std::string_view> download(const Address& server) {
    poem_.want_from(server);
    download_.get(settings_->reactor, poem_, text_);
    return text_.add_timeout(settings_->reactor, settings_->limit)
        .add_callback([this](std::string_view text) { return transform(text); });
  }
  bobbin::Chain<std::string_view> transform(std::string_view text) {
    const Settings& settings = *settings_;
    return settings.names.find(settings.transformer, settings.limit)
        .add_callback([this, text](const Address* transformer) {
          request_.send(settings_->reactor, *transformer, settings_->transform, text, transformed_);
          return transformed_.add_timeout(settings_->reactor, settings_->limit);
        })
        .add_errback([this](Failure failure) {
          failed_ = true;
          example::print_error("Cummingsify failed! ", failure.error());
          return poem_.text();
        });
  }

  Settings* settings_ = nullptr;
  bool failed_ = false;
  Server server_;
  Poem poem_;
  DeferredDownload download_;
  TransformRequest request_;
  Text transformed_;
  Text text_;
};

// All of them at once. The exit status.
int get_all(Settings& settings, std::span<TransformedPoem> poems) {
  static bobbin::DeferredList<void, poems_max> all;
  bobbin::Chain<void> chains[poems_max];
  std::ranges::transform(poems, chains,
                         [&settings](TransformedPoem& poem) { return poem.get(settings); });
  all.gather(std::span<const bobbin::Chain<void>>(chains, poems.size()));
  all.add_callback([&settings] { (void)settings.reactor.stop(); });
  if (Error error = settings.reactor.run()) return complain("cannot run", error);
  return std::ranges::any_of(poems, &TransformedPoem::failed) ? 1 : 0;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const std::string_view transform = arguments.text("--transform", "cummingsify");
  const Duration limit = arguments.seconds("--timeout", 60s);
  const Server transformer = arguments.server();

  static TransformedPoem poems[poems_max];
  std::size_t wanted = 0;
  do {
    poems[wanted++].want_from(arguments.server());
  } while (arguments.more() && wanted < poems_max);
  if (!arguments.all_taken() || transform.size() > TransformService::name_max) {
    return arguments.usage(
        "[--transform NAME] [--timeout SECONDS]\n"
        "       TRANSFORM_SERVER POEM_SERVER ... (each [HOST:]PORT, at most 16)");
  }

  static Reactor reactor;
  if (Error error = reactor.stop_on_signals()) return complain("cannot run", error);
  static Names names(reactor);
  static Settings settings{reactor, names, transformer, transform, limit};
  return get_all(settings, std::span(poems).first(wanted));
}
