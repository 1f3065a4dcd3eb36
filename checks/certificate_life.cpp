#include "checks/certificate_life.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/iso_time.hpp"

namespace mailmedic {

using std::chrono::hours;

ExpiryLimits expiry_limits(const tls::Certificate& certificate, const ExpiryDays& wanted) {
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(certificate.not_after - certificate.not_before);
  ExpiryLimits out{std::min<std::chrono::seconds>(hours(14 * 24), life / 4), std::min<std::chrono::seconds>(hours(7 * 24), life / 8)};
  if (wanted.error) out.error = hours(24 * *wanted.error);
  if (wanted.warning) out.warning = hours(24 * *wanted.warning);
  out.warning = std::max(out.warning, out.error);
  return out;
}

std::string certificate_line(const tls::Certificate& c) {
  return fmt::format("subject {}, issuer {}, from {} to {}, SHA-256 {}", c.subject, c.issuer, text::iso_time(c.not_before),
                     text::iso_time(c.not_after), c.sha256);
}

}  // namespace mailmedic
