#pragma once
#include <map>

#include "reports/report.hpp"

namespace mailmedic::reports {

/// Reports in the text format 0.0.4 of Prometheus, for node_exporter's textfile collector or a push gateway. What
/// blackbox_exporter measures too has its names (probe_success, probe_duration_seconds, probe_ssl_earliest_cert_expiry ...),
/// so that alerts written for it go on working; the rest begins with mailmedic_. All samples of a metric stand together,
/// whatever the order of the reports.
class Prometheus {
 public:
  explicit Prometheus(Catalogue& catalogue) : catalogue_(catalogue) {}
  void add(const Report& report);
  std::string text() const;

 private:
  struct Family {
    std::string help;
    std::vector<std::string> samples;
  };
  using Labels = std::vector<std::pair<std::string, std::string>>;
  void sample(const std::string& metric, const std::string& help, Labels labels, double value);

  Catalogue& catalogue_;
  std::map<std::string, Family> families_;
};

}  // namespace mailmedic::reports
