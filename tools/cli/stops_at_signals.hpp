#pragma once
#include <signal.h>

#include <atomic>

#include "tools/cli/message_source.hpp"

namespace mailmedic::cli {

/// Ctrl-C ends the source while this lives; a second one ends the program at once.
class StopsAtSignals {
 public:
  explicit StopsAtSignals(MessageSource& source) {
    source_ = &source;
    struct sigaction action {};
    action.sa_handler = [](int) {
      stopped_ = true;
      source_->stop();
    };
    action.sa_flags = SA_RESETHAND;
    for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
  }
  ~StopsAtSignals() {
    for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  }
  StopsAtSignals(const StopsAtSignals&) = delete;
  StopsAtSignals& operator=(const StopsAtSignals&) = delete;
  static bool stopped() { return stopped_; }

 private:
  static inline MessageSource* source_ = nullptr;
  static inline std::atomic<bool> stopped_{false};
};

}  // namespace mailmedic::cli
