#include "lib/dkim/signer.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

/// Signed where they are. RFC 6376 section 5.4.1, RFC 8058 section 4, RFC 9477 section 3.1.3.
constexpr std::string_view signed_names[] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "Content-Description", "Content-Language", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
    "Resent-Date", "Resent-Message-ID", "List-Id", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner",
    "List-Archive", "Feedback-ID", "CFBL-Address", "CFBL-Feedback-ID", "Auto-Submitted", "TLS-Report-Domain", "TLS-Report-Submitter"};

/// Named once more than they are there. RFC 6376 section 8.15.
constexpr std::string_view sealed_names[] = {"From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post"};

constexpr std::size_t line_length = 76;

/// Appends words, with `between` after each but the last, in lines of at most line_length.
void append_folded(std::string& out, std::size_t& column, std::span<const std::string> words, std::string_view between) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t size = words[i].size() + (i + 1 < words.size() ? between.size() : 1);
    if (column + size > line_length) {
      out += "\r\n\t";
      column = 8;
    }
    out.append(words[i]);
    if (i + 1 < words.size()) out.append(between);
    column += size;
  }
}

void append_line(std::string& out, std::string_view tag, std::string_view value) { out.append("\r\n\t").append(tag).append(value).append(";"); }

}  // namespace

std::vector<std::string> names_to_sign(std::span<const message::RawField> fields) {
  std::vector<std::string> names;
  names.reserve(fields.size() + std::size(sealed_names));
  for (const message::RawField& field : fields) {
    const auto found = std::find_if(std::begin(signed_names), std::end(signed_names), [&](std::string_view name) { return text::equals_ignoring_case(name, field.name); });
    if (found != std::end(signed_names)) names.emplace_back(*found);
  }
  for (const std::string_view name : sealed_names) names.emplace_back(name);
  return names;
}

text::Parsed<std::string> Signer::sign(const message::RawMessage& message, std::chrono::system_clock::time_point now) {
  const auto is_from = [](const message::RawField& field) { return text::equals_ignoring_case(field.name, "From"); };
  if (std::none_of(message.fields.begin(), message.fields.end(), is_from)) return text::ParseError{0, "the message has no From field, which every signature must cover"};
  const std::vector<std::string> names = names_to_sign(message.fields);
  if (names.size() > max_signed_names) return text::ParseError{0, "more than 1000 fields would have to be signed"};
  const std::string body_hash = encoded_base64(hasher_.body(message.body, rules_.body).bytes);
  const FieldPicker picker(message.fields);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string out;
  for (Use& use : keys_) {
    const std::string field = field_of(use, picker, names, body_hash, seconds);
    if (field.empty()) return text::ParseError{0, use.key.about().file + ": OpenSSL cannot sign with this key"};
    out += field;
  }
  return out;
}

std::string Signer::field_of(Use& use, const FieldPicker& picker, std::span<const std::string> names, const std::string& body_hash, std::int64_t now) {
  std::string out = "DKIM-Signature: v=1; a=";
  out.append(use.key.algorithm()).append("; c=").append(canonicalization_text(rules_.header)).append("/").append(canonicalization_text(rules_.body)).append(";");
  append_line(out, "d=", rules_.domain + "; s=" + use.selector);
  if (rules_.identity) append_line(out, "i=", *rules_.identity);
  append_line(out, "t=", std::to_string(now) + (rules_.lifetime ? "; x=" + std::to_string(now + rules_.lifetime->count()) : std::string()));
  out += "\r\n\th=";
  std::size_t column = 10;
  append_folded(out, column, names, ":");
  out += ";";
  append_line(out, "bh=", body_hash);
  out += "\r\n\tb=";
  const std::string hash = hasher_.header(picker.pick(names), out, out.size(), out.size(), rules_.header);
  const std::string signature = use.key.sign(hash);
  if (signature.empty()) return {};
  const std::string digits = encoded_base64(signature);
  constexpr std::size_t a_line = 66;
  for (std::size_t at = 0; at < digits.size(); at += a_line) out.append(at == 0 ? "" : "\r\n\t").append(digits, at, a_line);
  return out += "\r\n";
}

}  // namespace mailmedic::dkim
