#pragma once
#include "checks/refusal/refusal.hpp"

namespace mailmedic::connect {

/// The rules for replies and the block lists that they may name, read when a server first refuses: a run without a refusal does
/// not pay for them.
class RefusalRules {
 public:
  RefusalRules();
  ~RefusalRules();

  /// Adds what the refusals of a survey mean to `report`. Nothing is added where the data files cannot be read, as the findings about the stages stand
  /// without.
  void explain(const smtp::Survey& survey, CheckReport& report);

 private:
  struct Loaded;
  std::unique_ptr<const Loaded> loaded_;
  bool tried_ = false;
};

}  // namespace mailmedic::connect
