// send delivers to listen over loopback; the reports of what arrived.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/support/tool.hpp"

namespace mailmedic::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::string free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  return std::to_string(acceptor.local_endpoint().port());
}

/// The only file with this ending, or empty.
std::string only_file(const std::string& folder, const std::string& extension) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  return found.size() == 1 ? content_of(found[0]) : std::string();
}

TEST(Listen, WritesAReportOfWhatSendDelivers) {
  const Folder folder;
  const std::string port = free_port();
  Ran listening;
  std::thread listener([&] {
    listening = run_tool({"listen", "--once", "--port", port, "--name", "mx.example.org", "--directory", folder.file("mail"), "--token", "abc", "--resolver", "127.0.0.1:1", "--timeout", "1"}, std::chrono::seconds(90));
  });
  Ran sent;
  for (int attempt = 0; attempt < 100 && sent.status != 0; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    sent = run_tool({"send", "--test", "--from", "joe@example.net", "--to", "report-abc@example.org", "--server", "smtp://127.0.0.1:" + port, "--resolver", "127.0.0.1:1", "--timeout", "5", "--json"});
    if (sent.out.find("\"accepted\"") != std::string::npos) break;
  }
  listener.join();
  EXPECT_THAT(sent.out, HasSubstr("\"accepted\"")) << sent.told();
  EXPECT_EQ(listening.status, 1) << "it is not signed, and without DNS nothing can be told of SPF\n" << listening.told();
  EXPECT_EQ(listening.out, "");
  const std::string mail = folder.file("mail/abc");
  EXPECT_THAT(only_file(mail, ".eml"), HasSubstr("joe@example.net")) << listening.told();
  EXPECT_THAT(only_file(mail, ".html"), HasSubstr("TLSv1.3"));
  const std::string json = only_file(mail, ".json");
  EXPECT_THAT(json, HasSubstr("reception.tls"));
  EXPECT_THAT(json, HasSubstr("dns.no-resolver"));
  EXPECT_THAT(json, HasSubstr("\"lint\": {"));
  EXPECT_THAT(json, HasSubstr("\"id\": \"reverse_dns\""));
  EXPECT_THAT(json, HasSubstr("\"tool\": \"listen\""));
}

/// Once: the listener's words, and what send said when it delivered to `recipient`.
std::pair<Ran, Ran> once(Words listen, const std::string& port, const std::string& recipient) {
  Ran listening, sent;
  std::thread listener([&] { listening = run_tool(std::move(listen), std::chrono::seconds(90)); });
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    sent = run_tool({"send", "--test", "--from", "joe@example.net", "--to", recipient, "--server", "smtp://127.0.0.1:" + port, "--resolver", "127.0.0.1:1", "--timeout", "5", "--json"});
    if (sent.out.find("\"accepted\"") != std::string::npos) break;
  }
  listener.join();
  return {listening, sent};
}

TEST(Listen, TakesMailForAddressesOfItsRegisterAndNotesTheReport) {
  const Folder folder;
  const std::string port = free_port(), file = folder.file("reports.db");
  const Ran made = run_tool({"listen", "--register", file, "--new-address", "example.org"});
  ASSERT_EQ(made.status, 0) << made.told();
  const std::string address = made.out.substr(0, made.out.find('\n'));
  EXPECT_THAT(address, testing::MatchesRegex("report-[a-z2-9]{16}@example\\.org"));
  EXPECT_NE(run_tool({"listen", "--register", file, "--new-address", "example.org"}).out, made.out);

  const auto [listening, sent] = once({"listen", "--once", "--port", port, "--directory", folder.file("mail"), "--register", file, "--resolver", "127.0.0.1:1", "--timeout", "1", "--reply", "smtp://127.0.0.1:1"}, port, address);
  EXPECT_THAT(sent.out, HasSubstr("\"accepted\"")) << sent.told() << listening.told();
  EXPECT_THAT(listening.err, HasSubstr("not answered: its sender is not proved")) << "without DNS nobody is proved";
  const Ran list = run_tool({"listen", "--register", file, "--list-reports"});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, HasSubstr(address.substr(7, 16) + "/"));
  EXPECT_THAT(list.out, HasSubstr("from <joe@example.net>"));
  EXPECT_EQ(fs::status(file).permissions() & fs::perms::others_all, fs::perms::none);
}

TEST(Listen, RefusesWhatCannotBeRight) {
  const struct {
    Words words;
    std::string says;
  } all[] = {{{"listen", "--port", "70000"}, "--port 70000"},
             {{"listen", "--address", "here"}, "--address here"},
             {{"listen", "--certificate", "/nonexistent"}, "--key"},
             {{"listen", "--certificate", "/nonexistent", "--key", "/nonexistent"}, "No such file"},
             {{"listen", "--max-size", "1"}, "--max-size 1"},
             {{"listen", "--token", "../up", "--directory", "/tmp"}, "--token ../up"},
             {{"listen", "word"}, "word"},
             {{"listen", "--new-address", "example.org"}, "--register"},
             {{"listen", "--register", "/proc/none.db"}, "/proc/none.db"},
             {{"listen", "--reply", "tls://example.org"}, "--reply tls://example.org"},
             {{"listen", "--directory", "/proc/none"}, "/proc/none"}};
  for (const auto& one : all) {
    const Ran run = run_tool(one.words, std::chrono::seconds(20));
    EXPECT_EQ(run.status, 3) << run.told();
    EXPECT_THAT(run.err, HasSubstr(one.says));
    EXPECT_EQ(run.out, "");
  }
}

}  // namespace
}  // namespace mailmedic::test
