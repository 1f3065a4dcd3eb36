#pragma once
#include "checks/check.hpp"
#include "checks/log/gather.hpp"

namespace mailmedic::log {

/// A finding for each kind of cause, with its share and the texts that stand for it; and what could not be read.
void judge(const Gathered& all, CheckReport& report);

}  // namespace mailmedic::log
