// Attached files: what receivers refuse, what a name or a type hides.
#include <algorithm>
#include <array>

#include "checks/lint/parts.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

using message::Entity;

/// Endings that Gmail, Outlook, NetEase and QQ refuse alike.
constexpr std::array<std::string_view, 62> blocked = {"ade", "adp", "apk", "appx", "app", "asp", "bas", "bat", "cab", "chm", "cmd", "com", "cpl", "diagcab", "dll", "dmg", "exe", "ex_", "gadget", "hlp", "hta",
                                                      "img", "inf", "ins", "iso", "isp", "jar", "jnlp", "jse", "js", "lib", "lnk", "mde", "msc", "msi", "msix", "msp", "mst", "nsh", "ocx", "pif", "ps1",
                                                      "psm1", "reg", "scf", "scr", "sct", "shb", "shs", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "vxd", "wsc", "wsf", "wsh", "xll", "appref-ms"};
/// What such a name pretends to be.
constexpr std::array<std::string_view, 16> documents = {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "jpg", "jpeg", "png", "gif", "zip", "rar", "mp3", "htm"};

template <std::size_t n>
bool is_among(const std::array<std::string_view, n>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string ending_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? std::string() : text::lower(text::trimmed(name.substr(dot + 1)));
}

/// What the first bytes say; empty where they say nothing that we know.
std::string_view kind_of(std::string_view bytes) {
  struct Magic {
    std::string_view bytes, kind;
  };
  constexpr Magic all[] = {{"MZ", "program"}, {"\x7f" "ELF", "program"}, {"%PDF-", "pdf"}, {"\x89PNG", "png"}, {"\xff\xd8\xff", "jpeg"}, {"GIF8", "gif"}, {"PK\x03\x04", "zip"}, {"Rar!\x1a", "rar"}, {"7z\xbc\xaf\x27\x1c", "7z"}, {"\xd0\xcf\x11\xe0", "ole"}, {std::string_view("L\0\0\0\x01\x14\x02", 7), "shortcut"}};
  for (const Magic& one : all)
    if (bytes.starts_with(one.bytes)) return one.kind;
  return {};
}

/// Does a declared type or ending name another kind than the bytes? Only for kinds that are sure.
bool contradicts(std::string_view kind, std::string_view type, std::string_view ending) {
  if (kind == "program" || kind == "shortcut") return type != "application/octet-stream" || is_among(documents, ending);
  struct Pair {
    std::string_view type, ending, kind;
  };
  constexpr Pair pairs[] = {{"application/pdf", "pdf", "pdf"}, {"image/png", "png", "png"}, {"image/jpeg", "jpg", "jpeg"}, {"image/gif", "gif", "gif"}};
  return std::any_of(std::begin(pairs), std::end(pairs), [&](const Pair& one) { return (type == one.type || ending == one.ending) && kind != one.kind; });
}

/// The first file of a zip is encrypted: bit 0 of the flags in its local header. Nothing is unpacked.
bool is_encrypted(std::string_view kind, std::string_view bytes) { return kind == "zip" && bytes.size() > 7 && (static_cast<unsigned char>(bytes[6]) & 1) != 0; }

class Judge {
 public:
  Judge(const Entity& entity, CheckReport& report) : entity_(entity), report_(report), name_(message::file_name(entity)), ending_(ending_of(name_)) {}

  void run() {
    constexpr std::size_t first_bytes = 4096;
    std::string storage;
    const std::string_view bytes = message::decoded(entity_, storage, first_bytes), kind = kind_of(bytes);
    judge_ending(kind);
    judge_name();
    if (!kind.empty() && contradicts(kind, entity_.type, ending_)) say("lint.attachment-type", {{"kind", std::string(kind)}});
    if (is_encrypted(kind, bytes)) say("lint.encrypted-archive", {});
    if (entity_.type == "application/ms-tnef" || text::equals_ignoring_case(name_, "winmail.dat")) say("lint.tnef", {});
  }

 private:
  void say(std::string_view id, Args args) {
    args.emplace_back("name", name_.empty() ? entity_.type : name_);
    args.emplace_back("type", entity_.type);
    args.emplace_back("ending", ending_);
    const std::string_view field = entity_.disposition.empty() ? entity_.content_type : entity_.disposition;
    add(report_, id, std::move(args), entity_.disposition.empty() ? "Content-Type" : "Content-Disposition", message::in_one_line(field.substr(0, 400)));
  }

  void judge_ending(std::string_view kind) {
    if (name_.empty() || (!is_among(blocked, ending_) && kind != "program")) return;
    const std::string inner = ending_of(std::string_view(name_).substr(0, name_.rfind('.')));
    if (is_among(blocked, ending_) && is_among(documents, inner)) say("lint.double-ending", {{"inner", inner}});
    else say("lint.blocked-attachment", {});
  }

  /// RFC 2231 is the one way to write other characters than ASCII in a parameter.
  void judge_name() {
    const std::string_view plain = message::parameter(entity_.disposition, "filename");
    const bool raw = std::any_of(plain.begin(), plain.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
    if (raw || (plain.starts_with("=?") && message::parameter(entity_.disposition, "filename*").empty())) say("lint.attachment-name", {{"how", raw ? "raw bytes" : "an encoded word"}});
  }

  const Entity& entity_;
  CheckReport& report_;
  std::string name_, ending_;
};

}  // namespace

void judge_attachments(const Letter& letter, CheckReport& report) {
  constexpr std::size_t most_findings = 20;
  for (const Entity& entity : letter.structure.entities)
    if (!entity.is_multipart() && report.findings.size() < most_findings * 5) Judge(entity, report).run();
}

}  // namespace mailmedic::lint
