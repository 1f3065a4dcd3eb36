#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "checks/bounce/recheck.hpp"
#include "lib/message/delivery_report.hpp"
#include "reports/catalogue.hpp"

namespace mailmedic::cli {

/// One refusal with all that is known of it.
struct Matter {
  const message::DeliveryReport& delivery;
  const message::RecipientReport& recipient;
  const bounce::Verdict& verdict;
  const bounce::Context& context;
  const std::vector<bounce::Rechecked>& rechecked;
  std::string mended{};                   ///< what the user says he has changed; may be empty
  reports::Catalogue* chinese = nullptr;  ///< the text is to be in Chinese, with the sentences of this one; null: English
};

/// Plain text for the form of the receiver or of a list: when (UTC), addresses, domains, codes, the server's words, what was
/// found now and what was mended, and where to send it. Addresses of other recipients and what looks like a secret are
/// left out; what came from the network is made harmless. Ends with a line feed.
std::string bundle_text(const Matter& matter, TimePoint now);

/// The same text without mail addresses other than those of `keep`, and without passwords, keys and tokens.
std::string for_strangers(std::string_view text, const std::vector<std::string>& keep);

}  // namespace mailmedic::cli
