// Which characters look like others, and which are not seen.
#include "checks/lint/scripts.hpp"

#include <array>

#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::lint {

namespace {

enum Script : unsigned { latin = 1, greek = 2, cyrillic = 4, armenian = 8, hebrew = 16, arabic = 32, indic = 64, thai = 128, hangul = 256, kana = 512, bopomofo = 1024, han = 2048, georgian = 4096, cherokee = 8192 };

struct Range {
  char32_t first, last;
  Script script;
};
constexpr std::array<Range, 24> ranges = {{{'A', 'Z', latin}, {'a', 'z', latin}, {0xc0, 0x24f, latin}, {0x1e00, 0x1eff, latin}, {0x370, 0x3ff, greek}, {0x1f00, 0x1fff, greek}, {0x400, 0x52f, cyrillic}, {0x531, 0x58f, armenian}, {0x590, 0x5ff, hebrew}, {0x600, 0x77f, arabic}, {0x900, 0xdff, indic}, {0xe00, 0xe7f, thai}, {0x10a0, 0x10ff, georgian}, {0x13a0, 0x13ff, cherokee}, {0xab70, 0xabbf, cherokee}, {0x1100, 0x11ff, hangul}, {0xac00, 0xd7a3, hangul}, {0x3041, 0x30ff, kana}, {0x31f0, 0x31ff, kana}, {0x3105, 0x312f, bopomofo}, {0x3400, 0x4dbf, han}, {0x4e00, 0x9fff, han}, {0xf900, 0xfaff, han}, {0x20000, 0x3134f, han}}};

unsigned scripts_of(std::string_view label) {
  unsigned out = 0;
  while (!label.empty()) {
    const text::Utf8 one = text::utf8_at(label);
    for (const Range& range : ranges)
      if (one.code_point >= range.first && one.code_point <= range.last) out |= range.script;
    label.remove_prefix(one.length > 0 ? static_cast<std::size_t>(one.length) : 1);
  }
  return out;
}

}  // namespace

bool mixes_scripts(std::string_view name) {
  for (const std::string_view label : text::split(name, '.')) {
    const unsigned scripts = scripts_of(label);
    const auto is_within = [&](unsigned allowed) { return (scripts & ~allowed) == 0; };
    const bool one = (scripts & (scripts - 1)) == 0;
    if (!one && !is_within(latin | han | kana) && !is_within(latin | han | bopomofo) && !is_within(latin | han | hangul)) return true;
  }
  return false;
}

bool has_invisible(std::string_view text) {
  constexpr std::array<std::string_view, 12> all = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067"};
  for (const std::string_view one : all)
    if (text.find(one) != text.npos) return true;
  return false;
}

}  // namespace mailmedic::lint
