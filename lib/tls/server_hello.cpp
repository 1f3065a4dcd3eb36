#include "lib/tls/server_hello.hpp"

#include <bit>

namespace mailmedic::tls {

namespace {
constexpr std::size_t most_bytes = 256 * 1024, most_message = 128 * 1024, most_certificates = 20, most_stray = 512;

/// RFC 8446 section 4.1.3: the random of a HelloRetryRequest is the SHA-256 of that word.
constexpr std::string_view retry_random(
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C", 32);

/// Reads numbers and vectors from the front; after one that is not there everything is empty and `broken`.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  unsigned number(std::size_t size) {
    unsigned out = 0;
    for (const char c : bytes(size)) out = out << 8 | static_cast<unsigned char>(c);
    return out;
  }
  std::string_view bytes(std::size_t size) {
    if (size > left_.size()) {
      broken_ = true;
      left_ = {};
      return {};
    }
    const std::string_view out = left_.substr(0, size);
    left_.remove_prefix(size);
    return out;
  }
  /// A vector behind its length in `size` bytes.
  std::string_view vector(std::size_t size) { return bytes(number(size)); }
  bool is_empty() const { return left_.empty(); }
  bool is_broken() const { return broken_; }

 private:
  std::string_view left_;
  bool broken_ = false;
};

int bits_of(std::string_view big_endian) {
  while (!big_endian.empty() && big_endian.front() == 0) big_endian.remove_prefix(1);
  if (big_endian.empty()) return 0;
  return static_cast<int>(8 * (big_endian.size() - 1)) + std::bit_width(static_cast<unsigned>(static_cast<unsigned char>(big_endian.front())));
}

void read_extensions(Reader& extensions, bool retry, ServerAnswer& out) {
  while (!extensions.is_empty() && !extensions.is_broken()) {
    const unsigned type = extensions.number(2);
    Reader content(extensions.vector(2));
    switch (type) {
      case 22: out.encrypt_then_mac = true; break;
      case 23: out.extended_master_secret = true; break;
      case 35: out.tickets = true; break;
      case 43: out.version = static_cast<std::uint16_t>(content.number(2)); break;
      case 51: out.group = static_cast<std::uint16_t>(content.number(2)); break;
      case 0xff01: out.secure_renegotiation = true; break;
      default: break;  // 5 only announces a response: `stapled` waits for the message
    }
    if (content.is_broken()) extensions = Reader({});
  }
  if (retry) out.kind = ServerAnswer::Kind::retry;
}

/// RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3. False: it ends too early.
bool read_hello(std::string_view body, ServerAnswer& out) {
  Reader in(body);
  out.version = static_cast<std::uint16_t>(in.number(2));
  const bool retry = in.bytes(32) == retry_random;
  in.vector(1);
  out.suite = static_cast<std::uint16_t>(in.number(2));
  out.compression = in.number(1);
  if (in.is_broken()) return false;
  out.kind = ServerAnswer::Kind::hello;
  Reader extensions(in.vector(2));
  read_extensions(extensions, retry, out);
  return true;
}

void read_certificates(std::string_view body, ServerAnswer& out) {
  Reader message(body);
  Reader list(message.vector(3));
  while (!list.is_empty() && out.chain.size() < most_certificates) {
    const std::string_view certificate = list.vector(3);
    if (list.is_broken()) return;
    out.chain.emplace_back(certificate);
  }
}

/// RFC 8422 section 5.4, RFC 5246 section 7.4.3. What it means depends on the suite that was chosen.
void read_key_exchange(std::string_view body, ServerAnswer& out) {
  Reader in(body);
  const SuiteTraits suite = traits_of(out.suite);
  const bool hinted = suite_text(out.suite).find("PSK") != std::string::npos;
  if (hinted) in.vector(2);  // RFC 4279 section 2: a hint at the identity comes first
  if (suite.exchange == KeyExchange::ecdh) {
    if (in.number(1) != 3) return;  // explicit curves; nobody uses them
    out.group = static_cast<std::uint16_t>(in.number(2));
    in.vector(1);
  } else if (suite.exchange == KeyExchange::dh) {
    out.dh_bits = bits_of(in.vector(2));
    in.vector(2);
    in.vector(2);
  } else if (suite.exchange == KeyExchange::rsa && suite.export_grade) {
    out.export_rsa_bits = bits_of(in.vector(2));
    return;
  } else {
    return;
  }
  if (out.version == 0x0303 && !suite.anonymous && !in.is_broken() && !in.is_empty()) out.signature = static_cast<std::uint16_t>(in.number(2));
}
}  // namespace

void AnswerParser::fail(std::string why) {
  done_ = true;
  if (answer_.kind != ServerAnswer::Kind::none) return;  // what was read before stands
  answer_.kind = ServerAnswer::Kind::malformed;
  answer_.why = std::move(why);
}

void AnswerParser::feed(std::string_view bytes) {
  if (done_) return;
  total_ += bytes.size();
  if (total_ > most_bytes) return fail("more than 256 KiB before the end of the server's first words");
  bytes_ += bytes;
  if (!begun_ && bytes_.size() >= 5) {
    begun_ = true;
    const auto at = [this](std::size_t i) { return static_cast<unsigned char>(bytes_[i]); };
    const bool tls = at(0) >= 20 && at(0) <= 24 && at(1) == 3;
    const bool ssl2 = (at(0) & 0x80) != 0 && (at(2) == 4 || at(2) == 0);
    if (!tls && !ssl2) {
      answer_.kind = ServerAnswer::Kind::not_tls;
      answer_.stray = bytes_.substr(0, most_stray);
      done_ = true;
      return;
    }
  }
  if (!begun_) return;
  if (bytes_.empty()) return;
  if ((static_cast<unsigned char>(bytes_[0]) & 0x80) != 0 && messages_.empty())
    take_ssl2();
  else
    take_records();
}

void AnswerParser::take_ssl2() {
  const std::size_t size = (static_cast<unsigned char>(bytes_[0]) & 0x7fu) << 8 | static_cast<unsigned char>(bytes_[1]);
  if (bytes_.size() < 2 + size) return;
  done_ = true;
  Reader in(std::string_view(bytes_).substr(2, size));
  if (in.number(1) != 4) {  // an ERROR message
    answer_.kind = ServerAnswer::Kind::alert;
    answer_.alert = 40;
    return;
  }
  in.number(2);  // session id hit, certificate type
  answer_.version = static_cast<std::uint16_t>(in.number(2));
  const std::size_t certificate = in.number(2), suites = in.number(2);
  in.number(2);
  const std::string_view der = in.bytes(certificate);
  Reader list(in.bytes(suites));
  if (in.is_broken()) return fail("an SSLv2 hello that ends too early");
  answer_.kind = ServerAnswer::Kind::ssl2_hello;
  if (!der.empty()) answer_.chain.emplace_back(der);
  while (!list.is_empty() && answer_.ssl2_suites.size() < 64) {
    const auto suite = static_cast<std::uint32_t>(list.number(3));
    if (!list.is_broken()) answer_.ssl2_suites.push_back(suite);
  }
}

void AnswerParser::take_records() {
  std::size_t at = 0;
  while (!done_ && bytes_.size() - at >= 5) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[at + i]); };
    const unsigned type = byte(0);
    const std::size_t size = static_cast<std::size_t>(byte(3)) << 8 | byte(4);
    if (type < 20 || type > 24 || byte(1) != 3) return fail("bytes that are no TLS record");
    if (size > 16384 + 2048) return fail("a TLS record that is too long");
    if (bytes_.size() - at - 5 < size) break;
    const std::string_view content = std::string_view(bytes_).substr(at + 5, size);
    at += 5 + size;
    if (type == 21) take_alert(content);
    if (type == 22) {
      messages_ += content;
      take_messages();
    }
    if (type == 23) fail("data instead of a hello");
  }
  bytes_.erase(0, at);
}

void AnswerParser::take_alert(std::string_view content) {
  if (content.size() < 2) return fail("an alert that ends too early");
  const int level = static_cast<unsigned char>(content[0]), code = static_cast<unsigned char>(content[1]);
  // close_notify says no as well; other warnings, as unrecognized_name, let the handshake go on.
  if (level == 1 && code != 0) {
    if (answer_.warnings.size() < 8) answer_.warnings.push_back(code);
    return;
  }
  done_ = true;
  if (answer_.kind != ServerAnswer::Kind::none) return;
  answer_.kind = ServerAnswer::Kind::alert;
  answer_.alert = code;
}

void AnswerParser::take_messages() {
  std::size_t at = 0;
  while (!done_ && messages_.size() - at >= 4) {
    Reader head(std::string_view(messages_).substr(at, 4));
    const unsigned type = head.number(1);
    const std::size_t size = head.number(3);
    if (size > most_message) return fail("a handshake message that is too long");
    if (messages_.size() - at - 4 < size) break;
    take_message(type, std::string_view(messages_).substr(at + 4, size));
    at += 4 + size;
  }
  messages_.erase(0, at);
}

void AnswerParser::take_message(unsigned type, std::string_view body) {
  if (answer_.kind == ServerAnswer::Kind::none && type != 2) {
    if (type != 0) fail("a handshake message before the hello");  // 0 is HelloRequest
    return;
  }
  switch (type) {
    case 2:
      if (answer_.kind != ServerAnswer::Kind::none) return fail("a second hello");
      if (!read_hello(body, answer_)) return fail("a hello that ends too early");
      if (answer_.version == 0x0304) done_ = true;  // the rest is encrypted
      break;
    case 11: if (answer_.chain.empty()) read_certificates(body, answer_); break;
    case 12: read_key_exchange(body, answer_); break;
    case 13: answer_.certificate_requested = true; break;
    case 14: done_ = true; break;
    case 22: answer_.stapled = true; break;
    default: break;
  }
}

}  // namespace mailmedic::tls
