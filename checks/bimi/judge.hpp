#pragma once
// What the parts of BIMI mean; check.cpp asks, these judge.
#include "checks/bimi/record.hpp"
#include "checks/check.hpp"
#include "checks/dmarc/discover.hpp"
#include "lib/https/fetch.hpp"
#include "lib/tls/mark_certificate.hpp"

namespace mailmedic::bimi {

/// Where a record was found.
struct Found {
  dns::Name domain;       ///< whose record it is: the audited domain or its organizational domain
  std::string name;       ///< "default._bimi.example.org"
  Record record;
};

/// The unknown that TXT of LABEL.DOMAIN had no usable answer.
Finding no_text(std::string_view label, const dns::Name& domain, const dns::Answer& answer);

/// What stands in the record.
void judge_record(const Found& found, CheckReport& report);

/// The demands on the DMARC policy of the domain and of its organizational domain.
void judge_policy(const dns::Name& domain, const dmarc::Walk& walk, CheckReport& report);

/// One of the two documents that a record names.
struct Document {
  std::string_view tag;  ///< "l" or "a"
  https::Url url;
  https::Fetched fetched;
};

/// How a document was served. Its bytes, where there is something to read.
std::optional<std::string> judge_served(const Found& found, const Document& document, CheckReport& report);

/// The logo as it was served; unpacked when it was compressed.
std::optional<std::string> judge_logo(const Found& found, const Document& document, std::string bytes, CheckReport& report);

/// The mark certificate, with the logo to compare with where that could be read.
void judge_certificate(const Target& target, const Found& found, const Document& document, const std::string& pem, const std::optional<std::string>& logo,
                       const Probes& probes, CheckReport& report);

/// Bytes of a document that are read at most; receivers stop earlier.
inline constexpr std::size_t max_document = 256 * 1024;
/// What Gmail and others take of a logo.
inline constexpr std::size_t max_logo = 32 * 1024;

}  // namespace mailmedic::bimi
