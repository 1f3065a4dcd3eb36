// The logo and the certificate that vouches for it.
#include <fmt/format.h>

#include <algorithm>

#include "checks/bimi/judge.hpp"
#include "checks/bimi/svg.hpp"
#include "checks/certificate_life.hpp"
#include "lib/gzip/inflate.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/iso_time.hpp"
#include "lib/tls/handshake_json.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::bimi {

namespace {

std::string_view id_of(SvgFault fault) {
  switch (fault) {
    case SvgFault::unreadable: return "bimi.svg-unreadable";
    case SvgFault::doctype: return "bimi.svg-doctype";
    case SvgFault::root: return "bimi.svg-root";
    case SvgFault::profile: return "bimi.svg-profile";
    case SvgFault::title: return "bimi.svg-title";
    case SvgFault::not_square: return "bimi.svg-not-square";
    case SvgFault::position: return "bimi.svg-position";
    case SvgFault::script: return "bimi.svg-script";
    case SvgFault::animation: return "bimi.svg-animation";
    case SvgFault::external: return "bimi.svg-external";
    case SvgFault::bitmap: return "bimi.svg-bitmap";
    case SvgFault::element: return "bimi.svg-element";
  }
  return "bimi.svg-unreadable";
}

/// Adds findings about one document.
class Notes {
 public:
  Notes(const Found& found, const Document& document, CheckReport& report) : found_(found), document_(document), report_(report) {}

  void add(std::string_view id, Args more, std::string text) {
    Finding finding{.id = id, .subject = found_.domain.text(), .args = {{"url", document_.url.text()}, {"domain", found_.domain.text()}}};
    finding.args.insert(finding.args.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    finding.evidence = {{document_.url.text(), std::move(text)}};
    report_.findings.push_back(std::move(finding));
  }

 private:
  const Found& found_;
  const Document& document_;
  CheckReport& report_;
};

/// Authorities that issue mark certificates, by the organization in their names. Receivers keep lists of their roots,
/// which no system's store has.
bool is_mark_authority(const tls::Certificate& certificate) {
  constexpr std::string_view known[] = {"DigiCert", "Entrust", "GlobalSign", "SSL.com", "SSL Corp", "Sectigo"};
  return std::any_of(std::begin(known), std::end(known), [&](std::string_view name) { return certificate.issuer.find(name) != std::string::npos; });
}

/// Does each certificate stand on the next one? A mark certificate never stands alone.
bool is_linked(const std::vector<tls::Certificate>& chain) {
  if (chain.size() < 2) return false;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (!tls::is_signed_by(chain[i], chain[i + 1])) return false;
  return true;
}

bool covers(const tls::Certificate& certificate, const dns::Name& domain) {
  const std::string selector = "default._bimi." + domain.text();
  return std::any_of(certificate.dns_names.begin(), certificate.dns_names.end(), [&](const std::string& name) {
    return text::equals_ignoring_case(name, domain.text()) || text::equals_ignoring_case(name, selector);
  });
}

/// Line ends and the white space at the ends aside: editors and servers change them.
std::string essence(std::string_view svg) {
  std::string out(text::trimmed(svg));
  std::erase(out, '\r');
  return out;
}

void judge_chain(Notes& notes, const std::vector<tls::Certificate>& chain, const Probes& probes) {
  const tls::Certificate& own = chain.front();
  const bool anchored = tls::verify(chain, "", probes.trust, probes.now, tls::Purpose::any).anchored;
  if (anchored) return;
  if (!is_linked(chain)) notes.add("bimi.certificate-chain", {{"issuer", own.issuer}}, fmt::format("{} certificates; {}", chain.size(), certificate_line(own)));
  else if (!is_mark_authority(chain.back())) notes.add("bimi.certificate-authority", {{"issuer", chain.back().issuer}}, certificate_line(chain.back()));
}

void judge_dates(Notes& notes, const tls::Certificate& own, TimePoint now) {
  const std::string from = text::iso_time(own.not_before), until = text::iso_time(own.not_after);
  if (now < own.not_before || now > own.not_after) notes.add("bimi.certificate-dates", {{"from", from}, {"until", until}}, certificate_line(own));
  else if (own.not_after - now < expiry_limits(own).warning) notes.add("bimi.certificate-expires", {{"until", until}}, certificate_line(own));
}

void judge_embedded(Notes& notes, const tls::MarkFacts& facts, const std::optional<std::string>& logo) {
  if (facts.logos.empty()) return notes.add("bimi.certificate-without-logo", {}, "no image in the logotype extension");
  if (!logo) return;
  const bool same = std::any_of(facts.logos.begin(), facts.logos.end(), [&](const tls::EmbeddedLogo& embedded) {
    if (!gzip::is_gzip(embedded.bytes)) return essence(embedded.bytes) == essence(*logo);
    const auto unpacked = gzip::inflate(embedded.bytes, max_document);
    return unpacked && essence(*unpacked) == essence(*logo);
  });
  if (!same) notes.add("bimi.certificate-other-logo", {}, fmt::format("{} bytes in the certificate, {} bytes at l=", facts.logos.front().bytes.size(), logo->size()));
}

}  // namespace

std::optional<std::string> judge_logo(const Found& found, const Document& document, std::string bytes, CheckReport& report) {
  Notes notes(found, document, report);
  const https::Response& response = *document.fetched.best();
  const bool cut_off = response.cause == https::Cause::body_too_large;
  if (response.media_type != "image/svg+xml") notes.add("bimi.logo-type", {{"found", response.media_type.empty() ? "-" : response.media_type}}, "Content-Type: " + response.content_type);
  if (cut_off || bytes.size() > max_logo) notes.add("bimi.logo-large", {{"bytes", fmt::format("{}{}", cut_off ? "more than " : "", cut_off ? max_document : bytes.size())}}, fmt::format("{} bytes read", bytes.size()));
  if (cut_off) return std::nullopt;
  if (gzip::is_gzip(bytes)) {
    notes.add("bimi.logo-compressed", {}, fmt::format("{} bytes of gzip data", bytes.size()));
    auto unpacked = gzip::inflate(bytes, max_document);
    if (!unpacked) {
      notes.add("bimi.svg-unreadable", {{"what", unpacked.error().why}}, unpacked.error().why);
      return std::nullopt;
    }
    bytes = std::move(*unpacked);
  }
  for (SvgProblem& problem : judge_svg(bytes)) {
    const Args what{{"what", problem.what}};
    notes.add(id_of(problem.fault), what, std::move(problem.what));
  }
  return bytes;
}

void judge_certificate(const Target& target, const Found& found, const Document& document, const std::string& pem, const std::optional<std::string>& logo,
                       const Probes& probes, CheckReport& report) {
  Notes notes(found, document, report);
  const auto chain = tls::parse_certificates_pem(pem);
  if (!chain) return notes.add("bimi.certificate-unreadable", {{"why", chain.error().why}}, pem.substr(0, 300));
  const tls::Certificate& own = chain->front();
  const tls::MarkFacts facts = tls::mark_facts(own);
  Facts& shown = report.facts["certificate"].as_object();
  shown["chain_length"] = chain->size();
  shown["mark_type"] = facts.mark_type;
  shown["logged"] = facts.is_logged;
  shown["own"] = tls::facts_of(own);
  if (!facts.is_for_marks) notes.add("bimi.certificate-usage", {}, certificate_line(own));
  judge_chain(notes, *chain, probes);
  judge_dates(notes, own, probes.now);
  if (!covers(own, found.domain) && !covers(own, target.domain))
    notes.add("bimi.certificate-names", {{"names", own.dns_names.empty() ? "-" : text::joined(own.dns_names, ", ")}}, certificate_line(own));
  judge_embedded(notes, facts, logo);
  if (!facts.is_logged) notes.add("bimi.certificate-not-logged", {}, certificate_line(own));
}

}  // namespace mailmedic::bimi
