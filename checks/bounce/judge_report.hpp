#pragma once
#include "checks/check.hpp"
#include "lib/message/delivery_report.hpp"

namespace mailmedic::bounce {

/// Says what a report is that refuses nothing: a complaint, an automatic answer, a success, or no report at all.
void judge_report(const message::DeliveryReport& report, CheckReport& out);

}  // namespace mailmedic::bounce
