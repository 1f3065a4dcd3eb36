#include "checks/starttls/chain.hpp"

#include <algorithm>

namespace mailmedic::starttls {

namespace {
bool certifies(const tls::Certificate& parent, const tls::Certificate& child) { return child.issuer == parent.subject; }
}  // namespace

ChainShape shape_of(const std::vector<tls::Certificate>& chain) {
  ChainShape out;
  if (chain.size() < 2) return out;
  std::vector<bool> reached(chain.size(), false), repeated(chain.size(), false);
  for (std::size_t i = 1; i < chain.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) repeated[i] = repeated[i] || chain[i].der == chain[k].der;
  std::vector<std::size_t> path = {0};
  reached[0] = true;
  for (std::size_t at = 0; at < path.size(); ++at)
    for (std::size_t i = 1; i < chain.size(); ++i)
      if (!reached[i] && !repeated[i] && certifies(chain[i], chain[path[at]])) {
        reached[i] = true;
        path.push_back(i);
      }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (!reached[i]) {
      out.superfluous.push_back(&chain[i]);
      continue;
    }
    bool in_place = false;
    for (std::size_t k = 0; k < i; ++k) in_place = in_place || (reached[k] && certifies(chain[i], chain[k]));
    if (!in_place) out.disordered.push_back(&chain[i]);
  }
  return out;
}

}  // namespace mailmedic::starttls
