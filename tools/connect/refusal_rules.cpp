#include "tools/connect/refusal_rules.hpp"

#include "tools/cli/command_line.hpp"

namespace mailmedic::connect {

struct RefusalRules::Loaded {
  bounce::Classifier classifier;
  std::shared_ptr<const std::vector<blocklist::List>> lists;
};

RefusalRules::RefusalRules() = default;
RefusalRules::~RefusalRules() = default;

void RefusalRules::explain(const smtp::Survey& survey, CheckReport& report) {
  const std::vector<refusal::Refusal> refusals = refusal::refusals_of(survey);
  if (refusals.empty()) return;
  if (!std::exchange(tried_, true)) {
    auto rules = bounce::read_rules({cli::data_directory() + "/rules"});
    auto classifier = rules ? bounce::Classifier::make(std::move(*rules)) : text::Parsed<bounce::Classifier>(rules.error());
    auto lists = blocklist::read_lists(cli::data_directory() + "/blocklists.toml");
    if (classifier && lists) loaded_ = std::make_unique<const Loaded>(Loaded{std::move(*classifier), std::make_shared<const std::vector<blocklist::List>>(std::move(*lists))});
  }
  if (loaded_) refusal::judge(refusals, loaded_->classifier, loaded_->lists, report);
}

}  // namespace mailmedic::connect
