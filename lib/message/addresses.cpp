#include "lib/message/addresses.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

constexpr std::size_t most_addresses = 100;

/// Collects one mailbox after another; a comma, a semicolon or the colon of a group ends one.
class Reader {
 public:
  std::vector<std::string> run(std::string_view value) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      const char c = value[at];
      if (c == '\\' && (quoted_ || depth_ > 0)) {
        ++at;
        if (quoted_ && at < value.size()) text_ += value[at];
      } else if (quoted_) {
        if (c == '"') quoted_ = false;
        else text_ += c;
      } else if (c == '(') {
        ++depth_;
      } else if (depth_ > 0) {
        if (c == ')') --depth_;
      } else {
        take(c);
      }
    }
    end();
    return std::move(out_);
  }

 private:
  void take(char c) {
    if (c == '"') quoted_ = true;
    else if (c == ',' || c == ';') end();
    else if (c == ':' && !in_angle_) text_.clear();
    else if (c == '<') in_angle_ = true, text_.clear();
    else if (c == '>') in_angle_ = false, closed_ = text_;
    else if (!text::is_space(c)) text_ += c;
  }

  void end() {
    std::string& address = closed_.empty() ? text_ : closed_;
    // A route in front (RFC 5322 section 4.4) names no author.
    if (address.starts_with('@'))
      if (const auto colon = address.find(':'); colon != std::string::npos) address.erase(0, colon + 1);
    const auto at = address.rfind('@');
    if (at != std::string::npos && at + 1 < address.size() && out_.size() < most_addresses) out_.push_back(address);
    text_.clear();
    closed_.clear();
    in_angle_ = false;
  }

  std::vector<std::string> out_;
  std::string text_, closed_;
  bool quoted_ = false, in_angle_ = false;
  int depth_ = 0;
};

}  // namespace

std::vector<std::string> addresses_of(std::string_view value) { return Reader().run(value); }

std::optional<Client> client_of(std::string_view received) {
  const auto words = text::words(received);
  if (words.size() < 2 || !text::equals_ignoring_case(words[0], "from")) return std::nullopt;
  Client out{.address = {}, .helo = std::string(words[1])};
  // What stands behind "by" is about the receiver.
  for (std::size_t i = 1; i < words.size() && !text::equals_ignoring_case(words[i], "by"); ++i) {
    const auto open = words[i].find('['), close = words[i].find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) continue;
    std::string_view inside = words[i].substr(open + 1, close - open - 1);
    if (text::starts_with_ignoring_case(inside, "IPv6:")) inside.remove_prefix(5);
    out.address = inside;
    if (i > 1) break;
  }
  return out.address.empty() ? std::nullopt : std::optional<Client>(std::move(out));
}

}  // namespace mailmedic::message
