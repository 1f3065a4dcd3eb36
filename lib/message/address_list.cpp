#include "lib/message/address_list.hpp"

#include <algorithm>

#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace {

constexpr std::size_t most_mailboxes = 1000;

bool is_atom_byte(char c) {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
  return text::is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 || marks.find(c) != marks.npos;
}

bool is_dot_atom(std::string_view text) {
  for (const std::string_view atom : text::split(text, '.'))
    if (atom.empty() || !std::all_of(atom.begin(), atom.end(), is_atom_byte)) return false;
  return true;
}

/// Splits at commas, semicolons and a group's colon, outside quotes, comments and angle brackets.
class Reader {
 public:
  AddressList run(std::string_view value) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      const char c = value[at];
      if (c == '\\' && (quoted_ || depth_ > 0)) {
        if (++at < value.size() && quoted_) text() += value[at];
      } else if (quoted_) {
        if (c == '"') quoted_ = false;
        if (c != '"' || in_angle_) text() += c;
      } else if (depth_ > 0) {
        depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
      } else {
        take(c);
      }
    }
    if (quoted_) problem("a quoted string has no end");
    else if (depth_ > 0) problem("a comment has no end");
    else if (in_angle_) problem("\"<\" has no \">\"");
    end();
    return std::move(out_);
  }

 private:
  std::string& text() { return in_angle_ ? angle_ : phrase_; }
  void problem(std::string why) {
    if (out_.problem.empty()) out_.problem = std::move(why);
  }

  void take(char c) {
    if (c == '"') {
      quoted_ = true;
      was_quoted_ = true;
      if (in_angle_) angle_ += c;
    } else if (c == '(') {
      ++depth_;
    } else if (c == '<' && !in_angle_) {
      if (closed_) problem("an address has two pairs of angle brackets");
      in_angle_ = true;
    } else if (c == '>' && in_angle_) {
      in_angle_ = false;
      closed_ = true;
    } else if (in_angle_) {
      angle_ += c;
    } else if (c == ',' || c == ';') {
      end();
    } else if (c == ':') {
      out_.group = true;
      phrase_.clear();
      was_quoted_ = false;
    } else if (closed_ && !text::is_space(c)) {
      problem("text stands behind \">\"");
    } else if (!closed_) {
      phrase_ += c;
    }
  }

  void end() {
    const std::string_view phrase = text::trimmed(phrase_);
    if (closed_ || in_angle_) keep(std::string(phrase), std::string(text::trimmed(angle_)));
    else if (!phrase.empty()) keep({}, std::string(phrase));
    phrase_.clear();
    angle_.clear();
    in_angle_ = closed_ = was_quoted_ = false;
  }

  void keep(std::string name, std::string address) {
    if (address.starts_with('@'))  // a route: RFC 5322 section 4.4
      if (const auto colon = address.find(':'); colon != std::string::npos) address.erase(0, colon + 1);
    const bool quoted_local = was_quoted_ && name.empty() && !closed_;  // "john doe"@example.org: the quotes are gone here
    if (std::string why = quoted_local ? std::string() : problem_of_address(address); !why.empty()) problem(std::move(why));
    if (out_.mailboxes.size() < most_mailboxes) out_.mailboxes.push_back({in_one_line(name), std::move(address)});
  }

  AddressList out_;
  std::string phrase_, angle_;
  bool quoted_ = false, in_angle_ = false, closed_ = false, was_quoted_ = false;
  int depth_ = 0;
};

}  // namespace

AddressList address_list_of(std::string_view value) { return Reader().run(value); }

std::string problem_of_address(std::string_view address) {
  if (address.empty()) return "an address is empty";
  const auto at = address.rfind('@');
  if (at == address.npos) return "an address has no @";
  const std::string_view local = address.substr(0, at), domain = address.substr(at + 1);
  const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  if (local.empty()) return "nothing stands in front of @";
  if (!quoted && !is_dot_atom(local)) return local.find('@') != local.npos ? "an address has more than one @" : "the part in front of @ has a character or a dot that must not stand there";
  if (domain.starts_with('[') && domain.ends_with(']')) return {};
  if (!is_dot_atom(domain)) return "the domain has a character or a dot that must not stand there";
  return {};
}

}  // namespace mailmedic::message
