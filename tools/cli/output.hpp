#pragma once
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/report.hpp"
#include "tools/cli/command_line.hpp"

namespace mailmedic::cli {

/// A report begun now, for a tool and what it is asked about. Its facts lie in memory of their own, which is given back as one.
reports::Report begin_report(std::string tool, std::string target);

/// A report as it will be written. A page of HTML holds all reports of a run: then it waits here.
struct Rendered {
  std::string text;
  reports::Status status = reports::Status::ok;
  std::optional<reports::Report> report{};
};

/// Turns reports into the format asked for. One for each thread: it reads the catalogue as far as it needs it.
class Renderer {
 public:
  explicit Renderer(const Common& common);
  Rendered render(reports::Report report);
  reports::Catalogue& catalogue() { return catalogue_; }
  const std::string& error() const { return catalogue_.error(); }

 private:
  const Common& common_;
  reports::Catalogue catalogue_;
};

/// Writes reports to the file asked for, or to standard output, as they come: a run that is cut off leaves what was
/// done. With `json`, several make an array; with `ndjson` a line each.
class Output {
 public:
  Output(const Common& common, bool many) : common_(common), many_(many) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void add(Rendered rendered);
  /// What was added is to be seen now, by whoever waits for it.
  void flush() {
    if (file_) std::fflush(file_);
  }
  /// The exit status: the worst of the reports (problem before warning before inconclusive before ok), or 3 when the
  /// file cannot be written or `broken` (a catalogue's error) is not empty, which is told on standard error.
  int finish(const std::string& broken);

 private:
  void write(const std::string& text);

  const Common& common_;
  bool many_;
  bool begun_ = false;
  std::FILE* file_ = nullptr;
  std::string trouble_;
  std::chrono::steady_clock::time_point flushed_{};
  reports::Status worst_ = reports::Status::ok;
  std::vector<reports::Report> page_;
};

/// The same, where it is known with the second report at the latest that there are several. `many`: it is known before.
class Stream {
 public:
  explicit Stream(const Common& common, bool many = false) : common_(common), many_(many) {}

  void add(Rendered rendered);
  bool is_empty() const { return !output_ && !first_; }
  /// What Output::finish gives.
  int finish(const std::string& broken);

 private:
  void open(bool many);

  const Common& common_;
  bool many_;
  std::optional<Output> output_;
  std::optional<Rendered> first_;
};

/// All of it for reports that are there: what Output::finish gives.
int print(std::vector<reports::Report> reports, const Common& common);

}  // namespace mailmedic::cli
