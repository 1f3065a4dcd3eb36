#pragma once
// The server's side of an SMTP conversation, without I/O: bytes of the client go in, replies and what is to be done come
// out. RFC 5321 section 4.1; STARTTLS by RFC 3207, SIZE by RFC 1870, PIPELINING by RFC 2920, CHUNKING by RFC 3030,
// SMTPUTF8 by RFC 6531. It takes messages to keep them: nothing is ever relayed.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/reception/content.hpp"
#include "lib/smtp/transcript.hpp"

namespace mailmedic::reception {

/// What one client may ask for.
struct Limits {
  std::uint64_t message = 50 * 1024 * 1024;  ///< bytes
  std::size_t line = 4096;                   ///< bytes of a command with its end. RFC 5321 section 4.5.3.1.4 has 512 and more for extensions
  std::size_t recipients = 1000;             ///< of a message. RFC 5321 section 4.5.3.1.8: at least 100
  std::size_t refusals = 20;                 ///< commands that were wrong, then 421
  std::size_t commands = 10'000;             ///< in all, then 421
  std::size_t messages = 100;                ///< in all, then 421
};

struct Settings {
  std::string name;             ///< what we call ourselves
  bool starttls = true;
  Limits limits{};
  std::function<std::optional<bool>(std::string_view)> accepts{};  ///< is mail for this address taken? Nothing: cannot be told now. Null: for any
};

/// A message that arrived, with its envelope.
struct Arrival {
  std::string helo;                     ///< what the client called itself, raw
  bool extended = false;                ///< it said EHLO
  bool encrypted = false;
  std::string sender;                   ///< empty: the null sender
  std::vector<std::string> recipients;
  std::optional<std::uint64_t> declared_size{};
  std::string body;                     ///< of the parameter BODY, upper case: "8BITMIME"; empty: none
  bool smtputf8 = false;
  bool chunked = false;                 ///< by BDAT
  bool loose_path = false;              ///< white space in front of a path. RFC 5321 section 3.3
  Content content{};
};

class Dialogue {
 public:
  /// What is to be done; the replies of take_output() are to be sent before.
  enum class Event {
    more,       ///< read on
    start_tls,  ///< do the handshake, then call on_tls()
    message,    ///< take_arrival(), keep it, then call on_kept() or on_lost()
    close,
  };

  explicit Dialogue(Settings settings) : settings_(std::move(settings)) {}

  /// The connection stands.
  void greet();
  /// Takes bytes from the front of `bytes`: all of them when it says `more`.
  Event take(std::string_view& bytes);
  /// The handshake is done. What came in clear behind STARTTLS must have been thrown away (RFC 3207 section 6).
  void on_tls();
  Arrival take_arrival() { return std::move(arrival_); }
  /// The message is safe under this name.
  void on_kept(std::string_view id);
  /// It could not be kept; the client is to try again.
  void on_lost(std::string_view why);

  std::string take_output() { return std::exchange(output_, {}); }
  /// Commands and replies, not the messages.
  const smtp::Transcript& transcript() const { return transcript_; }
  smtp::Transcript& transcript() { return transcript_; }
  std::size_t messages() const { return messages_; }

 private:
  enum class Mode { commands, data, chunk };
  Event take_line(std::string_view& bytes);
  Event take_data(std::string_view& bytes);
  Event take_chunk(std::string_view& bytes);
  Event obey(std::string_view line);
  void hello(std::string_view name, bool extended);
  void mail(std::string_view rest);
  void rcpt(std::string_view rest);
  void data(std::string_view rest);
  Event chunk(std::string_view rest);
  Event starttls(std::string_view rest);
  /// The text of a refusal, or empty.
  std::string take_parameter(const std::string& name, const std::string& value);
  void reset();
  Event end_message(Content content, bool too_large);
  void reply(std::string_view text);
  void refuse(std::string_view text);
  void goodbye(std::string_view text);
  bool is_endless(std::uint64_t size) const { return size / 4 > settings_.limits.message; }

  Settings settings_;
  bool encrypted_ = false, greeted_ = false, has_sender_ = false, closing_ = false;
  bool last_chunk_ = false, discard_chunk_ = false, line_is_too_long_ = false;
  Mode mode_ = Mode::commands;
  Arrival arrival_;
  std::string line_, output_;
  std::optional<DataReader> data_;
  std::optional<ChunkReader> chunks_;
  std::size_t refusals_ = 0, commands_ = 0, messages_ = 0;
  smtp::Transcript transcript_;
};

}  // namespace mailmedic::reception
