// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz.hpp"

// usage: NAME_replay FOLDER-OR-FILE...
//
// Shows the fuzzer's function each file of a corpus, as any compiler builds it.
int main(int count, char** arguments) {
  std::size_t shown = 0;
  const auto show = [&](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    bobbin::fuzz::expect(file.good() || file.eof(), "cannot be read");
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    // A copy that ends where it ends, so that a sanitizer sees who reads behind it.
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
    ++shown;
  };
  for (int i = 1; i < count; ++i) {
    const std::filesystem::path path = arguments[i];
    if (!std::filesystem::is_directory(path)) show(path);
    if (!std::filesystem::is_directory(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) show(entry.path());
  }
  bobbin::fuzz::expect(shown > 0, "there is nothing to replay");
  std::printf("%zu inputs replayed\n", shown);
  return 0;
}
