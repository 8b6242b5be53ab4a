// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <asio.hpp>

#include "posts.hpp"

namespace {

class Loop {
 public:
  void post(const bench::Call& call) {
    asio::post(loop_, [&call] { call(); });
  }
  void run() { loop_.run(); }
  void stop() { loop_.stop(); }

 private:
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
};

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  Loop loop;
  return bench::measure_posts(loop, options);
}
