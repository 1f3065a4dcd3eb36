#include "checks/spf/networks.hpp"

#include <algorithm>
#include <set>

#include "lib/dns/query_all.hpp"

namespace mailmedic::spf {

namespace json = boost::json;

namespace {

std::optional<dns::Name> fixed_target(const Term& term, const dns::Name& domain) { return term.domain ? term.domain->name : std::optional(domain); }

/// Addresses of names, asked beforehand.
using Addresses = std::map<dns::Question, dns::Answer>;

class Flattener {
 public:
  Flattener(const Survey& survey, const Addresses& addresses) : survey_(survey), addresses_(addresses) {}

  Networks run() {
    walk(survey_.domain, {}, std::nullopt);
    return std::move(out_);
  }

 private:
  /// `as` is what a match means to the record that includes this one; nothing in the first record and its redirects.
  void walk(const dns::Name& domain, std::vector<std::string> path, std::optional<Qualifier> as) {
    const auto found = survey_.records.find(domain);
    if (found == survey_.records.end() || !found->second.answer.is_definite()) out_.complete = false;
    if (found == survey_.records.end() || !found->second.reading || std::find(path_.begin(), path_.end(), domain) != path_.end()) return;
    path_.push_back(domain);
    for (const Term* term : found->second.effective_terms()) {
      if (as && term->kind != Kind::redirect && term->qualifier != Qualifier::pass) continue;
      const Qualifier meaning = as.value_or(term->qualifier);
      std::vector<std::string> here = path;
      here.push_back(term->text);
      one(*term, domain, std::move(here), meaning, as);
    }
    path_.pop_back();
  }

  void one(const Term& term, const dns::Name& domain, std::vector<std::string> path, Qualifier meaning, std::optional<Qualifier> as) {
    const auto target = fixed_target(term, domain);
    switch (term.kind) {
      case Kind::ip4:
      case Kind::ip6: return add(term.network, meaning, std::move(path));
      case Kind::a: return target ? hosts({*target}, term, meaning, path) : dynamic(std::move(path));
      case Kind::mx: return target ? mail_hosts(*target, term, meaning, path) : dynamic(std::move(path));
      case Kind::include: return target ? walk(*target, std::move(path), meaning) : dynamic(std::move(path));
      case Kind::redirect: return target ? walk(*target, std::move(path), as) : dynamic(std::move(path));
      case Kind::exists:
      case Kind::ptr: return dynamic(std::move(path));
      default: return;
    }
  }

  void mail_hosts(const dns::Name& target, const Term& term, Qualifier meaning, const std::vector<std::string>& path) {
    const auto found = survey_.answers.find({target, dns::Type::mx});
    if (found == survey_.answers.end() || !found->second.is_definite()) {
      out_.complete = false;
      return;
    }
    std::vector<dns::Name> names;
    for (const dns::Mx& mx : found->second.all<dns::Mx>())
      if (names.size() < max_mx_hosts) names.push_back(mx.host);
    hosts(names, term, meaning, path);
  }

  void hosts(const std::vector<dns::Name>& names, const Term& term, Qualifier meaning, const std::vector<std::string>& path) {
    for (const dns::Name& name : names)
      for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
        const auto found = addresses_.find({name, type});
        if (found == addresses_.end() || !found->second.is_definite()) {
          out_.complete = false;
          continue;
        }
        for (const net::Address& address : found->second.all<net::Address>()) {
          net::Prefix network;
          network.network = address;
          network.length = address.is_v4() ? term.ip4_length : term.ip6_length;
          add(network, meaning, path);
        }
      }
  }

  void add(const net::Prefix& network, Qualifier meaning, std::vector<std::string> path) {
    if (out_.all.size() >= max_networks) out_.complete = false;
    else out_.all.push_back({network, meaning, std::move(path)});
  }
  void dynamic(std::vector<std::string> path) {
    if (out_.dynamic.size() < 100) out_.dynamic.push_back(std::move(path));
  }

  const Survey& survey_;
  const Addresses& addresses_;
  std::vector<dns::Name> path_;
  Networks out_;
};

class TreeMaker {
 public:
  explicit TreeMaker(const Survey& survey) : survey_(survey) {}

  Node make(const dns::Name& domain, std::string term) {
    Node node{.term = std::move(term), .domain = domain, .record = {}, .children = {}};
    const auto found = survey_.records.find(domain);
    if (found == survey_.records.end() || !found->second.reading) return node;
    node.record = found->second.reading->record.text;
    if (std::find(path_.begin(), path_.end(), domain) != path_.end() || ++nodes_ > 200) return node;
    path_.push_back(domain);
    for (const Term* one : found->second.effective_terms()) {
      node.lookups += one->costs_lookup();
      node.voids += static_cast<int>(std::count_if(survey_.void_lookups.begin(), survey_.void_lookups.end(),
                                                   [&](const VoidLookup& lookup) { return lookup.domain == domain.text() && lookup.term == one->text; }) > 0);
      const auto target = fixed_target(*one, domain);
      if (!target || (one->kind != Kind::include && one->kind != Kind::redirect)) continue;
      Node child = make(*target, one->text);
      node.lookups += child.lookups;
      node.voids += child.voids;
      node.children.push_back(std::move(child));
    }
    path_.pop_back();
    return node;
  }

 private:
  const Survey& survey_;
  std::vector<dns::Name> path_;
  int nodes_ = 0;
};

std::string_view qualifier_word(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::pass: return "pass";
    case Qualifier::fail: return "fail";
    case Qualifier::soft_fail: return "softfail";
    case Qualifier::neutral: return "neutral";
  }
  return "neutral";
}

json::array words(const std::vector<std::string>& path) { return json::array(path.begin(), path.end()); }

}  // namespace

asio::awaitable<Networks> authorized_networks(const Survey& survey, dns::Resolver& resolver) {
  std::set<dns::Question> wanted;
  for (const auto& [question, answer] : survey.answers) {
    if (question.type != dns::Type::mx) continue;
    const auto all = answer.all<dns::Mx>();
    for (std::size_t i = 0; i < all.size() && i < max_mx_hosts; ++i)
      for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) wanted.insert({all[i].host, type});
  }
  const std::vector<dns::Question> questions(wanted.begin(), wanted.end());
  std::vector<dns::Answer> answers = co_await dns::query_all(resolver, questions);
  Addresses addresses(survey.answers.begin(), survey.answers.end());
  for (std::size_t i = 0; i < questions.size(); ++i) addresses.insert_or_assign(questions[i], std::move(answers[i]));
  co_return Flattener(survey, addresses).run();
}

json::array to_json(const Networks& networks) {
  json::array out;
  for (const Authorized& one : networks.all)
    out.push_back(json::object{{"network", one.network.text()}, {"qualifier", qualifier_word(one.qualifier)}, {"path", words(one.path)}});
  return out;
}

Node tree_of(const Survey& survey) { return TreeMaker(survey).make(survey.domain, {}); }

json::object to_json(const Node& node) {
  json::array children;
  for (const Node& child : node.children) children.push_back(to_json(child));
  return {{"term", node.term}, {"domain", node.domain.text()}, {"record", node.record}, {"lookups", node.lookups}, {"void_lookups", node.voids}, {"includes", std::move(children)}};
}

}  // namespace mailmedic::spf
