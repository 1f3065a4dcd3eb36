// Where anybody has a mailbox.
#include "checks/lint/freemail.hpp"

#include <algorithm>
#include <array>

namespace mailmedic::lint {

namespace {

/// Those that publish a DMARC policy of quarantine or reject.
constexpr std::array<std::string_view, 19> guarded = {"gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.co.jp", "ymail.com", "aol.com",
                                                      "icloud.com", "me.com", "mac.com", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "mail.ru", "yandex.ru"};
constexpr std::array<std::string_view, 20> others = {"hotmail.com", "outlook.com", "live.com", "msn.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "proton.me", "protonmail.com",
                                                     "zoho.com", "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "naver.com", "daum.net", "rediffmail.com", "mail.com"};

}  // namespace

bool is_guarded_freemail(const dns::Name& domain) { return std::find(guarded.begin(), guarded.end(), domain.text()) != guarded.end(); }

bool is_freemail(const dns::Name& domain) { return is_guarded_freemail(domain) || std::find(others.begin(), others.end(), domain.text()) != others.end(); }

}  // namespace mailmedic::lint
