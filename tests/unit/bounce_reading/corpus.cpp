// Bounces of the world (sisimai's set) and of our lab, each with what is known of it.
#include <boost/json.hpp>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>

#include "lib/message/delivery_report.hpp"
#include "lib/message/reply_words.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/toml.hpp"
#include "messages.hpp"

using namespace mailmedic;
using message::DeliveryReport;
using message::ReportKind;

namespace {

namespace fs = std::filesystem;
const std::string vectors = MAILMEDIC_SOURCE_DIR "/tests/vectors/bounces/";

std::vector<fs::path> all_messages() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(vectors))
    if (entry.path().extension() == ".eml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

/// What sisimai calls a reason tells the kind.
bool is_kind(ReportKind kind, const std::string& reason) {
  if (reason == "feedback") return kind == ReportKind::feedback;
  if (reason == "vacation") return kind == ReportKind::auto_reply;
  if (reason == "delivered") return kind == ReportKind::delivered;
  return kind == ReportKind::bounce || kind == ReportKind::delayed;
}

/// "" where the report says what is expected of it.
std::string difference(const DeliveryReport& report, const boost::json::array& expected) {
  if (report.recipients.size() != expected.size()) return std::to_string(report.recipients.size()) + " recipients";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& label = expected[i].as_object();
    const auto& ours = report.recipients[i];
    if (!is_kind(report.kind, text_of(label, "reason"))) return "kind";
    if (!message::is_address(ours.recipient)) return "recipient \"" + ours.recipient + "\"";
    if (report.kind == ReportKind::feedback && text_of(label, "feedback") != report.feedback.type)
      return "feedback " + report.feedback.type;
    if (report.kind == ReportKind::feedback || report.kind == ReportKind::auto_reply) continue;
    if (text_of(label, "reply") != ours.reply_code) return "reply " + ours.reply_code;
    const std::string status = text_of(label, "status");
    const bool made_up = status.size() == 7 && status.find(".0.9") == 1;
    if (!made_up && status != ours.status) return "status " + ours.status;
  }
  return {};
}

/// All that a report says, without what depends on line ends.
std::string said(const DeliveryReport& report) {
  std::string out = std::to_string(static_cast<int>(report.kind)) + "|" + report.format + "|" + report.reporting_mta + "|" +
                    report.feedback.type + "|" + report.feedback.source_address;
  for (const auto& one : report.recipients)
    for (const std::string* field : {&one.recipient, &one.original_recipient, &one.action, &one.status, &one.reply_code,
                                     &one.command, &one.diagnostic, &one.remote_mta, &one.remote_address})
      out += "|" + *field;
  return out;
}

}  // namespace

TEST(BounceCorpus, SaysWhatSisimaiSays) {
  const auto expected = boost::json::parse(test::bytes_of(vectors + "sisimai/expected.json")).as_object();
  const auto accepted = text::read_toml(vectors + "differences.toml").value();
  std::size_t recipients = 0, agreed = 0;
  for (const auto& [name, labels] : expected) {
    const auto report = message::read_delivery_report(test::bytes_of(vectors + "sisimai/" + std::string(name)));
    const std::string found = difference(report, labels.as_array());
    recipients += labels.as_array().size();
    if (found.empty()) agreed += labels.as_array().size();
    const bool is_named = accepted.contains(name) && accepted.at(name).as_object().contains("why");
    EXPECT_EQ(found.empty(), !is_named) << name << ": " << found;
  }
  EXPECT_EQ(recipients, 298u);
  EXPECT_GE(agreed * 1000, recipients * 970);
}

TEST(BounceCorpus, SaysWhatTheLabsServersWrote) {
  // file, content type, recipient, action, status, remote MTA, diagnostic, as the fields have them
  std::map<std::string, std::vector<std::vector<std::string>>> listed;
  const std::string index = test::bytes_of(vectors + "lab/index.tsv");
  for (const std::string_view line : text::split(index, '\n')) {
    std::vector<std::string> cells;
    for (const std::string_view cell : text::split(line, '\t')) cells.emplace_back(text::trimmed(cell));
    if (cells.size() == 7 && cells[0] != "file") listed[cells[0]].push_back(cells);
  }
  EXPECT_GT(listed.size(), 300u);
  for (const auto& [file, rows] : listed) {
    SCOPED_TRACE(file);
    const auto report = message::read_delivery_report(test::bytes_of(vectors + "lab/" + file));
    ASSERT_EQ(report.recipients.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i][2].empty()) continue;  // SMTPUTF8 reports, which the listing does not read
      const auto& ours = report.recipients[i];
      EXPECT_EQ(ours.recipient, text::trimmed(std::string_view(rows[i][2]).substr(rows[i][2].find(';') + 1)));
      EXPECT_EQ(ours.action, rows[i][3]);
      // The code of the reply is the one that counts: Exim and OpenSMTPD write x.0.0 into the field
      if (rows[i][4] != ours.status) {
        EXPECT_THAT(ours.diagnostic, testing::HasSubstr(ours.status));
        EXPECT_EQ(ours.reply_code.front(), ours.status.front());
      }
    }
  }
}

TEST(BounceCorpus, ReadsInternationalReports) {
  for (const std::string server : {"exim", "postfix"}) {
    const auto report = message::read_delivery_report(test::bytes_of(vectors + "lab/" + server + "/eai.eml"));
    ASSERT_EQ(report.recipients.size(), 1u);
    EXPECT_EQ(report.kind, ReportKind::bounce);
    EXPECT_EQ(report.recipients[0].recipient, "jörg@rcpt550.test");
  }
}

TEST(BounceCorpus, SaysTheSameWithEitherLineEnd) {
  for (const auto& path : all_messages()) {
    const std::string lf = test::with_lf(test::bytes_of(path));
    EXPECT_EQ(said(message::read_delivery_report(lf)), said(message::read_delivery_report(test::with_crlf(lf)))) << path;
  }
}

TEST(BounceCorpus, SaysTheSameWithinAForward) {
  for (const auto& path : all_messages()) {
    const std::string bounce = test::bytes_of(path);
    EXPECT_EQ(said(message::read_delivery_report(bounce)), said(message::read_delivery_report(test::forwarded(bounce)))) << path;
  }
}

TEST(BounceCorpus, KeepsTheReturnedMessage) {
  std::size_t kept = 0;
  for (const auto& path : all_messages())
    if (const auto report = message::read_delivery_report(test::bytes_of(path));
        report.returned.find("Subject:") != std::string::npos)
      ++kept;
  EXPECT_GT(kept, 560u);
}
