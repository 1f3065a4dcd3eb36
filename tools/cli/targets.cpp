#include "tools/cli/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::cli {

bool is_private_world(const Common& common) {
  return std::any_of(common.resolvers.begin(), common.resolvers.end(), [](const net::Endpoint& at) { return at.address.is_loopback(); });
}

text::Parsed<dns::Name> parse_domain(std::string_view text) {
  const std::string shown = text::shown(text, 100);
  if (net::parse_address(text))
    return text::ParseError{0, fmt::format("{} is an address; give a mail domain, as example.org (addresses go to --ip)", shown)};
  if (text.find('@') != std::string_view::npos)
    return text::ParseError{0, fmt::format("{} is a mail address; give its domain, as example.org", shown)};
  if (text.find("://") != std::string_view::npos)
    return text::ParseError{0, fmt::format("{} is a URL; give a mail domain, as example.org", shown)};
  auto name = dns::Name::parse(text);
  if (!name) return text::ParseError{name.error().offset, fmt::format("{} is not a domain name: {} at byte {}", shown, name.error().why, name.error().offset)};
  if (name->is_root() || name->text().find('\\') != std::string::npos || name->text().find(' ') != std::string::npos)
    return text::ParseError{0, fmt::format("{} is not a mail domain; give one as example.org", shown)};
  return name;
}

text::Parsed<std::vector<net::Address>> parse_addresses(const std::vector<std::string>& texts) {
  std::vector<net::Address> out;
  for (const std::string& text : texts) {
    const auto address = net::parse_address(text);
    if (!address) return text::ParseError{0, fmt::format("--ip {}: not an address; give one as 192.0.2.25 or 2001:db8::25", text::shown(text, 100))};
    out.push_back(*address);
  }
  return out;
}

text::Parsed<std::vector<tls::Certificate>> read_certificates(const std::string& file) {
  constexpr std::size_t most = 1 << 20;  // a chain has a few kilobytes
  std::ifstream in(file, std::ios::binary);
  std::string pem(most, '\0');
  if (!in || (in.read(pem.data(), most), in.bad())) return text::ParseError{0, fmt::format("--new-certificate {}: {}", text::shown(file, 200), std::strerror(errno))};
  pem.resize(static_cast<std::size_t>(in.gcount()));
  auto chain = tls::parse_certificates_pem(pem);
  if (!chain) return text::ParseError{0, fmt::format("--new-certificate {}: not a certificate in PEM form (-----BEGIN CERTIFICATE-----)", text::shown(file, 200))};
  return chain;
}

namespace {

/// Longer lines than this are no line of a list of domains.
constexpr std::size_t max_line = 4096;

std::vector<std::string> parts(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view part : text::split(list, ',')) out.emplace_back(part);
  return out;
}

/// Applies "selector=s1,s2"; an error text, or empty.
std::string apply(std::string_view word, Target& target) {
  const auto equals = word.find('=');
  const std::string_view key = word.substr(0, equals), value = equals == word.npos ? std::string_view() : word.substr(equals + 1);
  if (value.empty()) return fmt::format("{}: write it as ip=ADDRESS, selector=NAME or helo=NAME", text::shown(word, 100));
  if (key == "selector") target.selectors = parts(value);
  else if (key == "helo") target.helo = std::string(value);
  else if (key == "ip") {
    auto addresses = parse_addresses(parts(value));
    if (!addresses) return addresses.error().why;
    target.sending_addresses = std::move(*addresses);
  } else {
    return fmt::format("{}: known are ip, selector and helo", text::shown(key, 100));
  }
  return {};
}

}  // namespace

text::Parsed<std::unique_ptr<Targets>> Targets::open(Target pattern, const std::vector<std::string>& domains, const std::string& input_file) {
  auto targets = std::make_unique<Targets>();
  targets->pattern_ = std::move(pattern);
  for (const std::string& written : domains) {
    auto domain = parse_domain(written);
    if (!domain) return domain.error();
    Planned planned{.number = targets->listed_.size(), .written = domain->display(), .target = targets->pattern_, .wrong = {}};
    planned.target->domain = std::move(*domain);
    targets->listed_.push_back(std::move(planned));
  }
  targets->input_name_ = input_file;
  if (input_file == "-") {
    targets->input_ = &std::cin;
  } else if (!input_file.empty()) {
    targets->file_.open(input_file);
    if (!targets->file_) return text::ParseError{0, fmt::format("--input {}: {}", text::shown(input_file, 200), std::strerror(errno))};
    targets->input_ = &targets->file_;
  } else if (domains.empty()) {
    return text::ParseError{0, "which domain? Give one as example.org, or a file of domains with --input FILE"};
  }
  return targets;
}

Planned Targets::read_line(std::string line) {
  Planned planned{.number = given_++, .written = {}, .target = pattern_, .wrong = {}};
  std::vector<std::string_view> words;
  for (const std::string_view word : text::split(line, ' '))
    if (!word.empty()) words.push_back(word);
  planned.written = std::string(words.front().substr(0, 300));
  std::string why;
  auto domain = parse_domain(words.front());
  if (!domain) why = domain.error().why;
  else planned.target->domain = std::move(*domain);
  for (std::size_t i = 1; i < words.size() && why.empty(); ++i) why = apply(words[i], *planned.target);
  if (!why.empty()) {
    planned.target.reset();
    planned.wrong = fmt::format("{} line {}: {}", input_name_ == "-" ? "standard input" : input_name_, line_, why);
  }
  return planned;
}

std::optional<Planned> Targets::next() {
  if (given_ < listed_.size()) return listed_[given_++];
  std::string line;
  while (input_ && std::getline(*input_, line)) {
    ++line_;
    if (line.size() > max_line) line.resize(max_line);
    if (const auto comment = line.find('#'); comment != line.npos) line.resize(comment);
    for (char& c : line)
      if (c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\0') c = ' ';
    if (line.find_first_not_of(' ') != line.npos) return read_line(std::move(line));
  }
  return std::nullopt;
}

}  // namespace mailmedic::cli
