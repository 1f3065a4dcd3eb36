#include "lib/smtp/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
void note(std::vector<std::string>& not_offered, std::string name) {
  if (std::find(not_offered.begin(), not_offered.end(), name) == not_offered.end()) not_offered.push_back(std::move(name));
}

/// Puts parameters behind a command, or notes that their extension is missing.
class Parameters {
 public:
  Parameters(std::string command, const Capabilities* offered, std::vector<std::string>& not_offered)
      : command_(std::move(command)), offered_(offered), not_offered_(not_offered) {}

  void add(bool wanted, const char* extension, const std::string& parameter) {
    if (!wanted) return;
    if (offered_ && offered_->has(extension))
      command_ += " " + parameter;
    else
      note(not_offered_, extension);
  }
  std::string take() { return std::move(command_); }

 private:
  std::string command_;
  const Capabilities* offered_;
  std::vector<std::string>& not_offered_;
};
}  // namespace

std::string xtext(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= '!' && c <= '~' && c != '+' && c != '=')
      out += c;
    else
      out += fmt::format("+{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string mail_command(std::string_view sender, const MailWishes& wishes, const Capabilities* offered, std::vector<std::string>& not_offered) {
  Parameters out(fmt::format("MAIL FROM:<{}>", sender), offered, not_offered);
  out.add(wishes.size.has_value(), "SIZE", fmt::format("SIZE={}", wishes.size.value_or(0)));
  out.add(wishes.eight_bit, "8BITMIME", "BODY=8BITMIME");
  out.add(wishes.utf8, "SMTPUTF8", "SMTPUTF8");
  out.add(wishes.require_tls, "REQUIRETLS", "REQUIRETLS");
  out.add(!wishes.ret.empty(), "DSN", "RET=" + wishes.ret);
  out.add(!wishes.envid.empty(), "DSN", "ENVID=" + xtext(wishes.envid));
  return out.take();
}

std::string rcpt_command(std::string_view recipient, const MailWishes& wishes, const Capabilities* offered, std::vector<std::string>& not_offered) {
  Parameters out(fmt::format("RCPT TO:<{}>", recipient), offered, not_offered);
  out.add(!wishes.notify.empty(), "DSN", "NOTIFY=" + wishes.notify);
  out.add(!wishes.orcpt.empty(), "DSN", "ORCPT=rfc822;" + xtext(wishes.orcpt));
  return out.take();
}

bool is_indispensable(std::string_view extension) { return extension == "SMTPUTF8" || extension == "REQUIRETLS"; }

std::vector<std::string> xclient_commands(const std::vector<std::pair<std::string, std::string>>& attributes, const Capabilities& offered,
                                          std::vector<std::string>& not_offered) {
  std::vector<std::string> names;
  for (const Capabilities::Keyword& keyword : offered.keywords)
    if (keyword.name == "XCLIENT")
      for (const std::string& name : keyword.parameters) names.push_back(text::upper(name));
  std::vector<std::string> out;
  for (const auto& [name, value] : attributes) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      note(not_offered, "XCLIENT " + name);
      continue;
    }
    const std::string attribute = fmt::format(" {}={}", name, xtext(value));
    if (out.empty() || out.back().size() + attribute.size() > 510) out.emplace_back("XCLIENT");
    out.back() += attribute;
  }
  return out;
}

}  // namespace mailmedic::smtp
