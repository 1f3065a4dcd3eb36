// dkim_rate sign FOLDER KEYFILE SELECTOR DOMAIN ROUNDS: DKIM signatures a second, relaxed/relaxed, by one thread.
// dkim_rate verify FOLDER ZONEFILE ROUNDS: verifications a second, with the keys that the zone file has.
// Messages are in memory before the clock runs; keys are decoded once, as in the tools. The clock is the processor's, so
// that other load does not count.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "checks/signature/verify.hpp"
#include "lib/dkim/signer.hpp"
#include "lib/dns/zone.hpp"

using namespace mailmedic;

namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream opened(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(opened), {}};
}

std::vector<std::string> messages_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(content_of(file));
  return out;
}

int tell(std::clock_t begin, std::size_t done, std::size_t good) {
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  fmt::print("{:.0f} messages/s, {} of {} good\n", static_cast<double>(done) / seconds, good, done);
  return good == done ? 0 : 1;
}

int sign(const std::vector<std::string>& messages, char** words) {
  auto key = dkim::SigningKey::read(words[0]);
  if (!key) return std::cerr << key.error().why << '\n', 2;
  std::vector<dkim::Signer::Use> uses;
  uses.push_back({words[1], std::move(*key)});
  dkim::Signer signer({.domain = words[2]}, std::move(uses));
  std::size_t done = 0, good = 0;
  const std::clock_t begin = std::clock();
  for (int round = std::stoi(words[3]); round > 0; --round) {
    for (const std::string& text : messages) {
      const auto message = message::parse_raw(text);
      ++done;
      good += message && signer.sign(*message, std::chrono::system_clock::now());
    }
  }
  return tell(begin, done, good);
}

boost::asio::awaitable<void> verify_all(const std::vector<std::string>& messages, int rounds, dns::Resolver& dns, std::size_t& done, std::size_t& good) {
  signature::Workshop workshop;
  for (; rounds > 0; --rounds) {
    for (const std::string& text : messages) {
      const auto message = message::parse_raw(text).value();
      const signature::Verification found = co_await signature::verify(message, dns, std::chrono::system_clock::now(), workshop);
      ++done;
      good += !found.signatures.empty() && found.signatures.front().result == signature::Result::pass;
    }
  }
}

int verify(const std::vector<std::string>& messages, char** words) {
  auto zone = dns::Zone::parse(content_of(words[0]));
  if (!zone) return std::cerr << zone.error().why << '\n', 2;
  boost::asio::io_context context(1);
  std::size_t done = 0, good = 0;
  const std::clock_t begin = std::clock();
  boost::asio::co_spawn(context, verify_all(messages, std::stoi(words[1]), *zone, done, good), boost::asio::detached);
  context.run();
  return tell(begin, done, good);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "sign" && argc == 7) return sign(messages_in(argv[2]), argv + 3);
  if (what == "verify" && argc == 5) return verify(messages_in(argv[2]), argv + 3);
  std::cerr << "usage: dkim_rate sign FOLDER KEYFILE SELECTOR DOMAIN ROUNDS | verify FOLDER ZONEFILE ROUNDS\n";
  return 2;
}
