#include <boost/json/array.hpp>

#include "checks/lint/links.hpp"
#include "checks/lint/parts.hpp"
#include "checks/lint/trace.hpp"

namespace mailmedic::lint {

void write_facts(const Letter& letter, Facts& facts) {
  constexpr std::size_t most = 100;
  boost::json::array parts, links, hops;
  for (const message::Entity& one : letter.structure.entities)
    if (parts.size() < most) parts.push_back(Facts{{"type", one.type.substr(0, 100)}, {"depth", one.depth}, {"encoding", one.encoding.substr(0, 100)}, {"bytes", one.body.size()}, {"name", message::file_name(one)}});
  for (const Link& one : links_of(letter))
    if (links.size() < most) links.push_back(Facts{{"url", one.url}, {"text", one.text}, {"host", one.host}});
  for (const Hop& one : hops_of(letter)) {
    Facts hop{{"from", one.from}, {"by", one.by}, {"with", one.with}, {"client", one.client ? one.client->to_string() : std::string()}};
    if (one.tls) hop["tls"] = *one.tls;
    if (one.time) hop["time"] = one.time->time_since_epoch().count();
    hops.push_back(std::move(hop));
  }
  facts["bytes"] = letter.text.size();
  facts["header_bytes"] = letter.head.size();
  facts["fields"] = letter.fields.size();
  facts["from"] = letter.author ? letter.author->text() : std::string();
  facts["subject"] = letter.shown("Subject");
  facts["html_cut"] = letter.document.cut;
  facts["parts_cut"] = letter.structure.cut;
  facts["parts"] = std::move(parts);
  facts["links"] = std::move(links);
  facts["hops"] = std::move(hops);
}

}  // namespace mailmedic::lint
