#pragma once
// A small mail world on loopback, with planted faults: what the demonstration audits.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/check.hpp"
#include "lib/net/address.hpp"
#include "lib/net/connect_to.hpp"
#include "lib/text/parse_error.hpp"

namespace mailmedic::demo {

/// A fault of the world: the finding that must name it and what it must be about.
struct Planted {
  std::string_view finding;
  std::string_view subject;
  std::string_view what;  ///< in English, for the list at the end
};

/// A DNS server and mail servers in threads of their own, on free ports of 127.0.0.1; no privileges needed. They end
/// with the object.
class World {
 public:
  /// The error says which server could not be started and why.
  static text::Parsed<std::unique_ptr<World>> start();
  ~World();

  net::Endpoint resolver() const;
  std::vector<net::ConnectTo> connect_to() const;  ///< from the world's addresses to its servers
  const std::string& authority() const;            ///< the certificate authority that the audit shall trust, PEM
  Target target() const;                           ///< what to audit, as an administrator would give it
  static const std::vector<Planted>& planted();

 private:
  struct Parts;
  explicit World(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailmedic::demo
