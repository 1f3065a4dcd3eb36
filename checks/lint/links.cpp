// Links: where they lead, and whether they say so.
#include "checks/lint/links.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "checks/lint/parts.hpp"
#include "checks/lint/scripts.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

constexpr std::size_t most_links = 500, longest_url = 4000;

/// Services behind which anybody hides anything. Filters know them; a shortener of one's own domain is none.
constexpr std::array<std::string_view, 22> shorteners = {"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at", "rb.gy",
                                                         "tiny.cc", "v.gd", "t.ly", "bl.ink", "soo.gd", "s.id", "t.cn", "dwz.cn", "suo.im", "url.cn", "w.url.cn"};

/// All text below `index`: its descendants stand right behind it, and no other node has a parent there.
std::string text_below(const html::Document& document, std::size_t index) {
  constexpr std::size_t longest = 500;
  std::string out;
  for (std::size_t i = index + 1; i < document.nodes.size() && document.nodes[i].parent >= index && out.size() < longest; ++i)
    if (document.nodes[i].is_text()) out += document.nodes[i].text;
  return std::string(text::trimmed(out));
}

/// "https://example.org/..." up to white space or a bracket.
void collect_plain(std::string_view plain, std::vector<Link>& out) {
  for (std::size_t at = 0; out.size() < most_links && (at = plain.find("://", at)) != plain.npos;) {
    std::size_t begin = at;
    while (begin > 0 && text::is_alpha(plain[begin - 1]) && at - begin < 6) --begin;
    const std::size_t end = std::min(plain.find_first_of(" \t\r\n<>\"'()[]", at + 3), plain.size());
    std::string_view url = plain.substr(begin, std::min(end - begin, longest_url));
    while (url.ends_with('.') || url.ends_with(',') || url.ends_with(';') || url.ends_with('!') || url.ends_with('?')) url.remove_suffix(1);
    if (auto link = read_url(url)) out.push_back(std::move(*link));
    at = end;
  }
}

/// The host that a text names: "www.example.org/a" or "https://example.org". Nothing for words.
std::optional<dns::Name> host_in(std::string_view text) {
  text = text::trimmed(text);
  if (text.find_first_of(" \t\r\n@") != text.npos) return std::nullopt;
  if (const auto link = read_url(text)) return link->name;
  const auto host = text.substr(0, text.find_first_of("/?#:"));
  if (!text::starts_with_ignoring_case(host, "www.")) return std::nullopt;
  const auto name = dns::Name::parse(host);
  return name && name->is_host_name() && name->labels().size() > 2 ? std::optional(*name) : std::nullopt;
}

class Judge {
 public:
  Judge(const Letter& letter, CheckReport& report) : letter_(letter), report_(report) {}

  void run(const Link& link) {
    if (link.address) once("lint.link-address", link);
    if (link.name && std::find(shorteners.begin(), shorteners.end(), link.name->text()) != shorteners.end()) once("lint.link-shortener", link);
    if (!link.user_info.empty()) once("lint.link-user", link);
    if (!link.port.empty() && link.port != "80" && link.port != "443") once("lint.link-port", link);
    if (link.scheme == "http" && text::starts_with_ignoring_case(link.text, "https://")) once("lint.link-http", link);
    if (link.name && link.name->text().find("xn--") != std::string::npos) judge_idn(link, *link.name);
    const auto shown = host_in(link.text);
    if (shown && link.name && !is_same_organization(*shown, *link.name)) judge_mismatch(link, *shown);
    if (has_invisible(link.url) || has_invisible(link.host)) once("lint.invisible-characters", link);
  }

 private:
  void once(std::string_view id, const Link& link, std::string other = {}) {
    if (!said_.insert(id).second) return;
    const std::string host = link.name ? link.name->display() : link.host;
    add(report_, id, {{"url", link.url}, {"host", host}, {"text", link.text}, {"port", link.port}, {"other", std::move(other)}}, "link", link.text.empty() ? link.url : link.text + " -> " + link.url);
  }

  void judge_idn(const Link& link, const dns::Name& name) {
    if (mixes_scripts(name.display())) once("lint.mixed-scripts", link);
    else once("lint.link-idn", link);
  }

  /// Click counters of the author's own organization are common, and what they show is where they lead in the end.
  void judge_mismatch(const Link& link, const dns::Name& shown) {
    const bool own = letter_.author && is_same_organization(*link.name, *letter_.author);
    if (!own) once("lint.link-mismatch", link, shown.text());
  }

  const Letter& letter_;
  CheckReport& report_;
  std::set<std::string_view> said_;
};

}  // namespace

std::optional<Link> read_url(std::string_view url) {
  url = text::trimmed(url).substr(0, longest_url);
  Link out;
  out.url = url;
  const auto colon = url.find("://");
  if (colon == url.npos) return std::nullopt;
  out.scheme = text::lower(url.substr(0, colon));
  if (out.scheme != "http" && out.scheme != "https" && out.scheme != "ftp") return std::nullopt;
  std::string_view authority = url.substr(colon + 3);
  authority = authority.substr(0, std::min(authority.find_first_of("/?#\\"), authority.size()));
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    out.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto port = authority.rfind(':');
  if (port != authority.npos && authority.find(']', port) == authority.npos) {
    out.port = authority.substr(port + 1);
    authority = authority.substr(0, port);
  }
  out.host = authority;
  if (authority.empty()) return std::nullopt;
  out.address = net::parse_address(authority);
  if (out.address) return out;
  if (const auto name = dns::Name::parse(authority); name && !name->is_root()) out.name = *name;
  return out;
}

std::vector<Link> links_of(const Letter& letter) {
  std::vector<Link> out;
  for (std::size_t i = 0; i < letter.document.nodes.size() && out.size() < most_links; ++i) {
    const html::Node& node = letter.document.nodes[i];
    if (node.tag != "a" && node.tag != "area" && node.tag != "form") continue;
    auto link = read_url(node[node.tag == "form" ? "action" : "href"]);
    if (!link) continue;
    link->text = text_below(letter.document, i);
    out.push_back(std::move(*link));
  }
  collect_plain(letter.plain, out);
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(out, [&](const Link& link) { return !seen.emplace(link.url, link.text).second; });
  return out;
}

void judge_links(const Letter& letter, CheckReport& report) {
  if (letter.author && mixes_scripts(letter.author->display()))
    add(report, "lint.mixed-scripts", {{"host", letter.author->display()}}, "From", letter.raw("From"));
  Judge judge(letter, report);
  for (const Link& link : links_of(letter)) judge.run(link);
}

}  // namespace mailmedic::lint
