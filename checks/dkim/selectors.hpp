#pragma once
#include <string_view>

namespace mailmedic::dkim {

/// Selectors that are often in use, asked when the user names none. Finding none of them proves nothing: a selector
/// cannot be listed (RFC 6376 section 3.1), only seen in a signature.
inline constexpr std::string_view common_selectors[] = {
    "default", "mail", "dkim", "smtp", "email", "mx", "key1", "key2", "s1", "s2", "dkim1", "dkim2",  // usual names of own servers; s1, s2 also SendGrid
    "rsa", "ed25519", "2024", "2025", "2026",
    "google",                                  // Google Workspace
    "selector1", "selector2",                  // Microsoft 365
    "k1", "k2", "k3", "mandrill",              // Mailchimp
    "fm1", "fm2", "fm3", "mesmtp",             // Fastmail
    "protonmail", "protonmail2", "protonmail3",
    "sig1",                                    // iCloud
    "zoho", "zmail",                           // Zoho
    "pm", "mailjet", "mailo", "mg", "smtpapi", "krs",  // Postmark, Mailjet, Mailo, Mailgun (mg, smtp, krs), SendGrid
    "s1024", "s2048",                          // Yahoo
    "s201512", "s110527",                      // Tencent, NetEase
    "aliyun-cn-hangzhou",                      // Alibaba Direct Mail
};

}  // namespace mailmedic::dkim
