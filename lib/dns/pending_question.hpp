#pragma once
// One question from its asking to its answer; inside lib/dns only.
#include <chrono>
#include <list>
#include <optional>
#include <string>

#include "lib/dns/completion.hpp"
#include "lib/dns/wire.hpp"

namespace mailmedic::dns {

class UdpChannel;

struct PendingQuestion {
  Question question;
  Completion completion;
  int tries = 0;                 ///< begun so far
  std::size_t server = 0;        ///< index of the current try's server
  std::uint16_t id = 0;
  UdpChannel* channel = nullptr;  ///< while a try is on the way over UDP
  std::chrono::steady_clock::time_point sent{}, expires{};
  bool is_repeated = false;         ///< the current try's message was sent twice
  std::optional<Answer> failure{};  ///< the last answer that came but did not help
  std::string why{};                ///< what happened at each try

  std::list<PendingQuestion>* place = nullptr;  ///< the list that owns it: waiting, on the way, or over TCP
  std::list<PendingQuestion>::iterator self{};
};

using Questions = std::list<PendingQuestion>;

}  // namespace mailmedic::dns
