#include "checks/dmarc/picture.hpp"

#include <boost/json/array.hpp>

#include "checks/dmarc/ladder.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::dmarc {

namespace json = boost::json;

namespace {

asio::awaitable<bool> look_at_records(Picture& picture, dns::Resolver& resolver) {
  picture.walked = co_await walk(picture.domain, resolver);
  picture.found = discover(picture.domain, picture.walked);
  picture.below = discover_below(picture.walked);
  picture.old_found = co_await discover_7489(picture.domain, resolver);
  picture.old_below = picture.old_found;
  const auto& organization = picture.old_found.organizational_domain;
  if (organization && *organization != picture.domain && picture.old_found.record_domain != *organization)
    picture.old_below = co_await discover_7489(*organization, resolver);
  co_return true;
}

asio::awaitable<bool> look_at_domain(Picture& picture, dns::Resolver& resolver) {
  picture.author = co_await look_at_author(picture.domain, resolver);
  co_return true;
}

json::value text_or_null(const std::optional<dns::Name>& name) { return name ? json::value(name->text()) : json::value(nullptr); }
json::value bool_or_null(std::optional<bool> value) { return value ? json::value(*value) : json::value(nullptr); }

/// One column of the table: the keys that could be told; null where no policy applies.
json::object effective_json(const Picture& picture, Standard standard) {
  json::object out;
  const std::pair<std::string_view, Subject> rows[] = {{"domain", Subject::domain},
                                                       {"existing_subdomain", Subject::existing_subdomain},
                                                       {"nonexistent_subdomain", Subject::nonexistent_subdomain}};
  for (const auto& [key, subject] : rows) {
    const auto effective = picture.effective(subject, standard);
    if (!effective) continue;
    if (effective->applies)
      out[key] = json::object{{"policy", policy_text(effective->policy)}, {"from", effective->from}};
    else
      out[key] = nullptr;
  }
  return out;
}

json::array walk_json(const Walk& walk) {
  json::array out;
  for (const WalkStep& step : walk.steps) {
    json::object entry{{"name", "_dmarc." + step.domain.text()}, {"status", dns::status_text(step.answer.status)}};
    entry["records"] = json::array(step.records.begin(), step.records.end());
    out.push_back(std::move(entry));
  }
  return out;
}

std::string_view step_text(Step step) {
  constexpr std::string_view words[] = {"nothing", "p=quarantine; t=y", "p=quarantine", "p=reject"};
  return words[static_cast<std::size_t>(step)];
}

}  // namespace

std::optional<Effective> Picture::effective(Subject subject, Standard standard) const {
  const bool new_rules = standard == Standard::rfc9989;
  const bool is_below = subject != Subject::domain;
  const Discovery& speaks = is_below ? (new_rules ? below : old_below) : (new_rules ? found : old_found);
  if (!speaks.known) return std::nullopt;
  if (!speaks.record) return Effective{.applies = false};
  if (is_below || speaks.record_domain == domain) return effective_policy(*speaks.record, subject, standard);
  // The record of an ancestor takes the audited domain as its subdomain: sp or np.
  const Effective existing = effective_policy(*speaks.record, Subject::existing_subdomain, standard);
  const Effective nonexistent = effective_policy(*speaks.record, Subject::nonexistent_subdomain, standard);
  const std::optional<bool> exists = author.exists();
  if (!exists && (existing.applies != nonexistent.applies || existing.policy != nonexistent.policy)) return std::nullopt;
  return exists.value_or(true) ? existing : nonexistent;
}

asio::awaitable<Picture> look(const dns::Name& domain, dns::Resolver& resolver) {
  Picture picture;
  picture.domain = domain;
  std::vector<asio::awaitable<bool>> work;
  work.push_back(look_at_records(picture, resolver));
  work.push_back(look_at_domain(picture, resolver));
  co_await net::in_parallel(std::move(work));
  co_return picture;
}

void write_facts(const Picture& picture, Facts& facts) {
  const Discovery& found = picture.found;
  const Discovery& old = picture.old_found;
  facts["record"] = found.record ? json::value(found.record->text) : json::value(nullptr);
  facts["record_domain"] = found.record ? json::value(found.record_domain.text()) : json::value(nullptr);
  const auto effective = picture.effective(Subject::domain, Standard::rfc9989);
  facts["policy"] = effective && effective->applies ? json::value(policy_text(effective->policy)) : json::value(nullptr);
  facts["organizational_domain"] = text_or_null(found.organizational_domain);
  facts["tree_walk"] = walk_json(picture.walked);
  facts["tree_walk_end"] = walk_end_text(picture.walked.end);
  facts["rfc7489"] = json::object{{"known", old.known},
                                  {"organizational_domain", text_or_null(old.organizational_domain)},
                                  {"record_domain", old.record ? json::value(old.record_domain.text()) : json::value(nullptr)},
                                  {"record", old.record ? json::value(old.record->text) : json::value(nullptr)}};
  facts["effective"] = json::object{{"rfc9989", effective_json(picture, Standard::rfc9989)}, {"rfc7489", effective_json(picture, Standard::rfc7489)}};
  facts["author_domain"] = json::object{{"exists", bool_or_null(picture.author.exists())},
                                        {"exists_by_rfc9091", bool_or_null(picture.author.exists_9091())},
                                        {"parked", bool_or_null(picture.author.is_parked())}};
  facts["next_step"] = found.record ? json::value(step_text(next_step(*found.record))) : json::value(nullptr);
}

}  // namespace mailmedic::dmarc
