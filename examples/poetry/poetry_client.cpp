// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Gets poems from several servers at the same time and prints them. The same in three styles, each
// in a header of its own, to be read side by side.

#include "anthology.hpp"
#include "arguments.hpp"
#include "callback_style.hpp"
#include "coroutine_style.hpp"
#include "deferred_style.hpp"
#include "names.hpp"
#include "program.hpp"

namespace {

using namespace poetry;

enum class Style : std::uint8_t { callback, deferred, coroutine };

constexpr std::string_view synopsis =
    "[--style callback|deferred|coroutine] [--order arrival|command-line]\n"
    "       [--timeout SECONDS] [HOST:]PORT ... (at most 16)";

// First each server is found, whatever the style.
template <class PoemStyle>
int get_all(Reactor& reactor, Anthology& anthology, Duration limit) {
  static Names names(reactor);
  static PoemStyle style(reactor, limit);
  Error error = reactor.call_when_running([&anthology, limit] {
    for (Poem& poem : anthology.poems()) {
      names.find(anthology.server_of(poem), limit)
          .add_callbacks(
              [&poem](const Address* server) {
                poem.found_at(*server);
                style.get(poem);
              },
              [&poem](const Failure& failure) { poem.end(failure.error()); });
    }
  });
  if (!error) error = reactor.run();
  if (error) return complain("cannot run", error);
  return anthology.conclude();
}

int get_all(Style style, Reactor& reactor, Anthology& anthology, Duration limit) {
  switch (style) {
    case Style::callback: return get_all<CallbackStyle>(reactor, anthology, limit);
    case Style::deferred: return get_all<DeferredStyle>(reactor, anthology, limit);
    case Style::coroutine: return get_all<CoroutineStyle>(reactor, anthology, limit);
  }
  return 2;
}

}  // namespace

int main(int count, char** words) {
  static Reactor reactor;
  Arguments arguments(count, words);
  const auto style = arguments.choice<Style>("--style", {"callback", "deferred", "coroutine"});
  const auto order = arguments.choice<Anthology::Order>("--order", {"arrival", "command-line"});
  const Duration limit = arguments.seconds("--timeout", 60s);

  static Anthology anthology(reactor, order, [] { return reactor.stop(); });
  do {
    anthology.want_from(arguments.server());
  } while (arguments.more() && anthology.poems().size() < poems_max);
  if (!arguments.all_taken()) return arguments.usage(synopsis);

  if (Error error = reactor.stop_on_signals()) return complain("cannot run", error);
  return get_all(style, reactor, anthology, limit);
}
