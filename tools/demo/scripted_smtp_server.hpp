#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "lib/net/address.hpp"
#include "tools/demo/certificates.hpp"

namespace mailmedic::demo {

/// What a server does on one connection, step by step. After the last step it closes the connection.
class Script {
 public:
  struct Say { std::string bytes; };
  struct Expect { std::string prefix; };
  struct Wait { std::chrono::milliseconds time; };
  struct Flood { std::size_t bytes; char filler; };
  struct StartTls {
    Identity identity;
    int newest_protocol;   ///< OpenSSL's number (0x0301 is TLS 1.0); 0: no limit
    std::string ciphers;   ///< of TLS 1.2 and older, in OpenSSL's language; empty: the library's
  };
  struct Hang {};
  struct Reset {};
  using Step = std::variant<Say, Expect, Wait, Flood, StartTls, Hang, Reset>;

  /// Exactly these bytes.
  Script& say(std::string bytes) { return add(Say{std::move(bytes)}); }
  /// One line, CR LF put behind it.
  Script& reply(const std::string& line) { return say(line + "\r\n"); }
  /// Reads a line; closes when it starts otherwise (ASCII case counts) or none comes.
  Script& expect(std::string prefix) { return add(Expect{std::move(prefix)}); }
  /// expect() and reply() in one.
  Script& answer(std::string prefix, const std::string& line) { return expect(std::move(prefix)).reply(line); }
  Script& wait(std::chrono::milliseconds time) { return add(Wait{time}); }
  /// So many bytes without a line end.
  Script& flood(std::size_t bytes, char filler = 'x') { return add(Flood{bytes, filler}); }
  /// The server's side of a TLS handshake; closes when it fails.
  Script& start_tls(Identity identity, int newest_protocol = 0, std::string ciphers = {}) {
    return add(StartTls{std::move(identity), newest_protocol, std::move(ciphers)});
  }
  /// Says nothing more, until the client leaves.
  Script& hang() { return add(Hang{}); }
  /// Ends with RST.
  Script& reset() { return add(Reset{}); }

  /// A whole well-behaved conversation with STARTTLS and these extensions.
  static Script polite(const Identity& identity, const std::vector<std::string>& extensions = {"SIZE 1000000", "8BITMIME"});

  const std::vector<Step>& steps() const { return steps_; }

 private:
  Script& add(Step step);
  std::vector<Step> steps_;
};

/// Listens on a free port of an address and plays a script on each connection, in a thread of its own. Ends, and
/// drops its connections, with the object.
class ScriptedSmtpServer {
 public:
  explicit ScriptedSmtpServer(Script script, const std::string& address = "127.0.0.1");
  /// One script for each connection, the last one for all that follow; at least one.
  explicit ScriptedSmtpServer(std::vector<Script> scripts, const std::string& address = "127.0.0.1");
  ~ScriptedSmtpServer();

  net::Endpoint endpoint() const;
  /// Lines that clients sent so far, without their ends, over all connections.
  std::vector<std::string> heard() const;
  int connections() const;
  /// The largest number of connections that were open at the same time.
  int most_at_once() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A port of 127.0.0.1 where nothing listens.
net::Endpoint refused_endpoint();

}  // namespace mailmedic::demo
