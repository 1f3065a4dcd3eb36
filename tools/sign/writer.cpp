#include "tools/sign/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

namespace mailmedic::cli {

namespace {

/// An error text, or empty.
std::string write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::strerror(errno);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

int create(const std::string& file, std::string& wrong) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) wrong = file + ": " + (errno == EEXIST ? "exists, and is not overwritten" : std::strerror(errno));
  return descriptor;
}

/// A file that exists stays as it is: it may be the message itself. What cannot be written whole is taken away.
std::string write_new(const std::string& file, std::string_view content) {
  std::string wrong;
  const int descriptor = create(file, wrong);
  if (descriptor < 0) return wrong;
  wrong = write_all(descriptor, content);
  if (::close(descriptor) != 0 && wrong.empty()) wrong = std::strerror(errno);
  if (wrong.empty()) return {};
  ::unlink(file.c_str());
  return file + ": " + wrong;
}

/// "box:12" of an mbox becomes "box-12.eml".
std::string file_name(const NumberedMessage& message) {
  std::string name = std::filesystem::path(message.name).filename().string();
  if (message.name == "-") return "stdin.eml";
  if (message.envelope.empty()) return name;
  if (const auto colon = name.rfind(':'); colon != name.npos) name[colon] = '-';
  return (name.front() == '-' ? "stdin" + name : name) + ".eml";
}

}  // namespace

std::string as_mbox(std::string_view envelope, std::string_view text) {
  std::string out(envelope);
  const std::string_view end = text.substr(0, text.find('\n')).ends_with('\r') ? "\r\n" : "\n";
  if (out.empty()) {
    char stamp[40];
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    const std::size_t size = std::strftime(stamp, sizeof stamp, "%a %b %e %H:%M:%S %Y", &parts);
    out = "From MAILER-DAEMON " + std::string(stamp, size) + std::string(end);
  }
  bool in_body = false, is_empty = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, next - at);
    if (const auto from = line.find_first_not_of('>'); in_body && from != line.npos && line.substr(from).starts_with("From ")) out += '>';
    out.append(line);
    is_empty = line == "\n" || line == "\r\n";
    in_body = in_body || is_empty;
    at = next;
  }
  if (!text.ends_with('\n')) out.append(end);
  if (!is_empty) out.append(end);
  return out;
}

SignedWriter::~SignedWriter() { close(); }

std::string SignedWriter::open() {
  std::string wrong;
  if (output_.kind == SignedOutput::Kind::folder) return wrong;
  descriptor_ = output_.kind == SignedOutput::Kind::mbox ? create(output_.place, wrong) : STDOUT_FILENO;
  return wrong;
}

std::string SignedWriter::put(const NumberedMessage& original, std::string text) {
  if (output_.kind == SignedOutput::Kind::folder) return write_new((std::filesystem::path(output_.place) / file_name(original)).string(), text);
  const bool as_it_is = output_.kind == SignedOutput::Kind::standard && original.envelope.empty();
  return in_turn(original.number, as_it_is ? std::move(text) : as_mbox(original.envelope, text));
}

std::string SignedWriter::in_turn(std::size_t number, std::string bytes) {
  if (output_.kind == SignedOutput::Kind::folder) return {};
  constexpr std::size_t most_held = 64;
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [&] { return number < next_ + most_held; });
  held_.emplace(number, std::move(bytes));
  std::string wrong;
  for (auto first = held_.begin(); first != held_.end() && first->first == next_; first = held_.erase(first), ++next_)
    if (wrong.empty()) wrong = write(first->second);
  moved_.notify_all();
  return wrong;
}

std::string SignedWriter::write(std::string_view bytes) {
  const std::string wrong = write_all(descriptor_, bytes);
  return wrong.empty() ? wrong : (output_.place.empty() ? "standard output" : output_.place) + ": " + wrong;
}

std::string SignedWriter::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor < 0 || descriptor == STDOUT_FILENO || ::close(descriptor) == 0) return {};
  return output_.place + ": " + std::strerror(errno);
}

}  // namespace mailmedic::cli
