#pragma once
// From a bounce to its report.
#include <map>
#include <set>

#include <boost/asio/awaitable.hpp>

#include "checks/bounce/classify.hpp"
#include "checks/bounce/recheck.hpp"
#include "lib/message/delivery_report.hpp"
#include "reports/report.hpp"

namespace mailmedic::cli {

/// What the user asked for, the same for every bounce.
struct BounceOrder {
  const bounce::Classifier& classifier;
  bounce::Context context{};     ///< what the user said of himself
  bool fresh = false;            ///< the reply came just now
  bool bundle = false;
  reports::Language language = reports::Language::en;  ///< of the bundle
  std::string mended{};          ///< for the bundle
};

/// How many bounces were of each kind, and recipients of each class.
struct BounceCounts {
  std::map<std::string, std::size_t> kinds{}, classes{};

  void add(const BounceCounts& others);
  std::size_t messages() const;
  /// "12 messages: 10 bounce, 2 delayed" and the same of the recipients that were refused, each with a line end.
  std::string text() const;
};

/// Explains bounces, several at a time. For one thread.
class Explainer {
 public:
  /// `probes`: null, and nothing is looked up. All must outlive it.
  Explainer(const BounceOrder& order, Probes* probes, reports::Catalogue& catalogue) : order_(order), probes_(probes), catalogue_(catalogue) {}

  /// `target`: the file, or where else it comes from.
  asio::awaitable<reports::Report> explain(message::DeliveryReport delivery, std::string target);
  const BounceCounts& counts() const { return counts_; }

 private:
  bounce::Context context_of(const message::DeliveryReport& delivery) const;
  asio::awaitable<Facts> explain_one(const message::DeliveryReport& delivery, const message::RecipientReport& one, bounce::Context& known, reports::Report& report);

  const BounceOrder& order_;
  Probes* const probes_;
  reports::Catalogue& catalogue_;
  BounceCounts counts_;
  std::set<std::string> connected_;  ///< domains whose servers were connected to
};

/// A bare reply, as it was pasted, as if a report had brought it. `recipient` and `host` may be empty.
message::DeliveryReport pasted(const std::string& words, const std::string& recipient, const std::string& host);

/// The texts for forms, one a recipient, with a line between them; empty where none were asked for.
std::string bundles_of(const Facts& facts);

}  // namespace mailmedic::cli
