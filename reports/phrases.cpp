#include "reports/phrases.hpp"

namespace mailmedic::reports {

const Phrases& phrases(Language language) {
  static constexpr Phrases en{
      .ok = "OK", .warning = "WARNING", .problem = "PROBLEM", .inconclusive = "COULD NOT TELL",
      .info = "note", .warning_finding = "warning", .error = "error", .critical = "critical", .unknown = "not told",
      .why = "why", .seen = "seen", .fix = "fix", .publish = "publish", .also = "explains", .see = "see", .checks = "Checks",
      .nothing_found = "nothing to report", .not_applicable = "not applicable", .ran = "done", .not_told = "could not tell everything",
      .problems_n = "problems", .warnings_n = "warnings", .notes_n = "notes", .unknowns_n = "not told", .took = "took",
      .made_by = "made by", .colon = ": ",
      .accepted = "Accepted risks, not counted", .until = "until", .accepted_until = "this risk was accepted until"};
  static constexpr Phrases zh{
      .ok = "正常", .warning = "警告", .problem = "有问题", .inconclusive = "无法判断",
      .info = "提示", .warning_finding = "警告", .error = "错误", .critical = "严重", .unknown = "未知",
      .why = "影响", .seen = "依据", .fix = "处理", .publish = "发布", .also = "引起", .see = "参考", .checks = "检查项",
      .nothing_found = "没有发现问题", .not_applicable = "不适用", .ran = "完成", .not_told = "部分内容无法判断",
      .problems_n = "个问题", .warnings_n = "个警告", .notes_n = "条提示", .unknowns_n = "项无法判断", .took = "用时",
      .made_by = "生成工具", .colon = "：",
      .accepted = "已接受的风险，不计入结论", .until = "有效期至", .accepted_until = "该风险的接受期限已过，截止日"};
  return language == Language::zh ? zh : en;
}

std::string_view noun_for(int count, std::string_view nouns, Language language) {
  if (count == 1 && language == Language::en && nouns.ends_with('s')) nouns.remove_suffix(1);
  return nouns;
}

}  // namespace mailmedic::reports
