#include "checks/dmarc/author_domain.hpp"

#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dmarc {

namespace {

/// RFC 7208 section 4.5.
bool is_spf(std::string_view text) {
  constexpr std::string_view version = "v=spf1";
  return text::equals_ignoring_case(text.substr(0, version.size()), version) && (text.size() == version.size() || text[version.size()] == ' ');
}

/// "v=spf1 -all" and nothing else: nobody may send.
bool allows_nobody(std::string_view spf) {
  std::string_view rest = spf.substr(std::string_view("v=spf1").size());
  return text::equals_ignoring_case(text::trimmed(rest), "-all");
}

std::vector<std::string> spf_records(const dns::Answer& answer) {
  std::vector<std::string> out;
  for (dns::Txt& txt : answer.all<dns::Txt>())
    if (is_spf(txt.text)) out.push_back(std::move(txt.text));
  return out;
}

}  // namespace

std::optional<bool> AuthorDomain::exists() const {
  for (const dns::Answer* answer : {&mx, &txt})
    if (answer->is_definite()) return answer->status != dns::Status::nx_domain;
  return std::nullopt;
}

std::optional<bool> AuthorDomain::exists_9091() const {
  if (exists() == false) return false;
  bool known = true;
  for (const dns::Answer* answer : {&mx, &a, &aaaa}) {
    if (answer->status == dns::Status::answered) return true;
    known = known && answer->is_definite();
  }
  return known ? std::optional<bool>(false) : std::nullopt;
}

std::optional<bool> AuthorDomain::is_parked() const {
  if (txt.is_definite()) {
    const std::vector<std::string> spf = spf_records(txt);
    if (spf.size() != 1 || !allows_nobody(spf.front())) return false;
  }
  if (mx.status == dns::Status::answered && !has_null_mx()) return false;
  if (!txt.is_definite() || !mx.is_definite()) return std::nullopt;
  return true;
}

bool AuthorDomain::has_null_mx() const {
  const auto hosts = mx.all<dns::Mx>();
  return hosts.size() == 1 && hosts.front().host.is_root();
}

std::optional<bool> AuthorDomain::may_pass_spf() const {
  if (!txt.is_definite()) return std::nullopt;
  const std::vector<std::string> spf = spf_records(txt);
  return spf.size() == 1 && !allows_nobody(spf.front());
}

asio::awaitable<AuthorDomain> look_at_author(const dns::Name& domain, dns::Resolver& resolver) {
  AuthorDomain out;
  std::vector<dns::Question> questions{{domain, dns::Type::mx}, {domain, dns::Type::txt}};
  std::vector<dns::Answer> answers = co_await dns::query_all(resolver, questions);
  out.mx = std::move(answers[0]);
  out.txt = std::move(answers[1]);
  if (out.mx.status != dns::Status::no_data) co_return out;
  questions = {{domain, dns::Type::a}, {domain, dns::Type::aaaa}};
  answers = co_await dns::query_all(resolver, questions);
  out.a = std::move(answers[0]);
  out.aaaa = std::move(answers[1]);
  co_return out;
}

}  // namespace mailmedic::dmarc
