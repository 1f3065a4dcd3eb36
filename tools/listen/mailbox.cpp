#include "tools/listen/mailbox.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "lib/text/ascii.hpp"
#include "tools/listen/register.hpp"

namespace mailmedic::cli {

namespace {
bool is_token(std::string_view token) {
  return !token.empty() && token.size() <= 64 && std::all_of(token.begin(), token.end(), [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

/// In the order of arrival, and never the same twice: time, process, number.
std::string new_id(std::chrono::system_clock::time_point at) {
  static std::atomic<unsigned> number{0};
  return fmt::format("{:%Y%m%dT%H%M%S}-{}-{}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)), ::getpid(), ++number);
}
}  // namespace

bool write_whole(const std::string& path, std::string_view content) {
  const std::string half = path + ".part";
  const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const bool written = write_all(file, content);
  const bool closed = ::close(file) == 0;
  if (written && closed && ::rename(half.c_str(), path.c_str()) == 0) return true;
  const int why = errno;
  ::unlink(half.c_str());
  errno = why;
  return false;
}

text::Parsed<Mailbox> Mailbox::open(std::string directory, std::vector<std::string> tokens, const Register* known) {
  for (std::string& token : tokens) {
    if (!is_token(token)) return text::ParseError{0, "--token " + token + ": 1 to 64 letters, digits, - and _ make a token"};
    token = text::lower(token);
  }
  Mailbox box(std::move(directory), std::move(tokens), known);
  std::vector<std::string> folders{box.directory_};
  for (const std::string& token : box.tokens_) folders.push_back(box.directory_ + "/" + token);
  for (const std::string& folder : folders) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return text::ParseError{0, "--directory " + folder + ": " + error.message()};
    if (::access(folder.c_str(), W_OK | X_OK) != 0) return text::ParseError{0, "--directory " + folder + ": " + std::strerror(errno)};
  }
  return box;
}

/// Empty where none is known; nothing where that cannot be told.
std::optional<std::string> Mailbox::token_of(std::string_view address) const {
  const std::string local = text::lower(address.substr(0, address.rfind('@')));
  for (const std::string& token : tokens_)
    if (local == "report-" + token) return token;
  constexpr std::string_view start = "report-";
  if (!register_ || !local.starts_with(start)) return std::string();
  const std::string token = local.substr(start.size());
  const std::optional<bool> good = is_token(token) ? register_->is_good(token, std::chrono::system_clock::now()) : false;
  if (!good) return std::nullopt;
  return *good ? token : std::string();
}

std::optional<bool> Mailbox::accepts(std::string_view address) const {
  if (takes_all()) return true;
  const auto token = token_of(address);
  return token ? std::optional(!token->empty()) : std::nullopt;
}

reception::Kept Mailbox::keep(const reception::Delivered& message) const {
  std::string id = new_id(message.at);
  if (!takes_all() && !message.arrival.recipients.empty()) {
    const std::string token = token_of(message.arrival.recipients.front()).value_or("");
    if (token.empty()) return {"", "the message cannot be kept: its address cannot be looked up any more"};  // it was, at RCPT
    std::error_code error;
    std::filesystem::create_directory(directory_ + "/" + token, error);
    if (error) return {"", std::string("the message cannot be kept: ") + error.message()};
    id = token + "/" + id;
  }
  if (!write_whole(path(id, ".eml"), message.arrival.content.bytes)) return {"", std::string("the message cannot be kept: ") + std::strerror(errno)};
  return {id, ""};
}

}  // namespace mailmedic::cli
