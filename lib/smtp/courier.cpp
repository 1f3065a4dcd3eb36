#include "lib/smtp/courier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "lib/net/connect_to.hpp"
#include "lib/smtp/session.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
/// Commands in one go, so that neither side's buffer is full while the other waits (RFC 2920 section 3.1).
constexpr std::size_t recipients_in_a_burst = 100;

void settle(Handover& handover, Stage stage, const std::optional<Reply>& reply) {
  using Outcome = Handover::Outcome;
  handover.stage = stage;
  handover.reply = reply;
  handover.outcome = !reply ? Outcome::unknown : reply->is_transient() ? Outcome::deferred : reply->is_positive() ? Outcome::accepted : Outcome::refused;
}

/// The commands of one message on an open connection.
class Transaction {
 public:
  Transaction(Session& session, const Letter& letter, const NetworkOptions& options, Delivery& out)
      : transport_(session.transport()), letter_(letter), options_(options), out_(out), lmtp_(out.probe.request.lmtp) {
    if (const Capabilities* can = out.probe.best_capabilities()) can_ = *can;
    out.used_chunking = letter.chunking && can_.chunking();
  }

  asio::awaitable<void> operator()() {
    const bool goes_on = co_await name_all();
    if (!goes_on) co_return;
    const bool any = std::any_of(taken_.begin(), taken_.end(), [](bool taken) { return taken; });
    bool may_send = any;
    if (!out_.used_chunking) may_send = co_await may_send_data(any);
    if (may_send) co_await send_message();
    co_await transport_.send(Line::plain("QUIT"), options_.timeout);
  }

 private:
  void settle(std::size_t recipient, Stage stage, const std::optional<Reply>& reply) { smtp::settle(out_.recipients[recipient], stage, reply); }
  void settle_all(Stage stage, const std::optional<Reply>& reply) {
    for (std::size_t i = 0; i < out_.recipients.size(); ++i) settle(i, stage, reply);
  }

  asio::awaitable<std::optional<Reply>> receive(Transport::Limit limit) {
    Received received = co_await transport_.receive(limit);
    std::optional<Reply> out;
    if (received.cause == Cause::none) {
      out = std::move(received.reply);
    } else if (out_.probe.cause == Cause::none) {
      out_.probe.cause = received.cause;
      out_.probe.why = received.error ? received.error.message() : received.why;
      out_.probe.transcript.note(fmt::format("{}: {}", cause_text(received.cause), out_.probe.why));
    }
    co_return out;
  }

  /// MAIL and every RCPT; with PIPELINING DATA too, behind the last of them. False where it goes no further.
  asio::awaitable<bool> name_all() {
    std::vector<std::string> commands;
    std::vector<std::string>& missing = out_.probe.not_offered;
    commands.push_back(mail_command(letter_.sender, letter_.wishes, &can_, missing));
    for (const std::string& recipient : letter_.recipients) {
      MailWishes wishes = letter_.wishes;
      if (!wishes.orcpt.empty()) wishes.orcpt = recipient;
      commands.push_back(rcpt_command(recipient, wishes, &can_, missing));
    }
    if (std::any_of(missing.begin(), missing.end(), is_indispensable)) {
      out_.probe.cause = Cause::extension_missing;
      out_.probe.stopped_at = Stage::mail;
      settle_all(Stage::mail, std::nullopt);
      co_return false;
    }
    taken_.assign(letter_.recipients.size(), false);
    const bool pipelining = can_.pipelining();
    for (std::size_t begin = 0; begin < commands.size();) {
      const std::size_t end = pipelining ? std::min(commands.size(), begin + recipients_in_a_burst) : begin + 1;
      data_is_sent_ = pipelining && end == commands.size() && !out_.used_chunking;
      co_await send_burst(commands, begin, end);
      for (std::size_t i = begin; i < end; ++i) {
        const bool is_open = co_await take_reply(i);
        if (!is_open) co_return false;
      }
      begin = end;
    }
    co_return true;
  }

  asio::awaitable<void> send_burst(const std::vector<std::string>& commands, std::size_t begin, std::size_t end) {
    std::string bytes, shown;
    for (std::size_t i = begin; i < end; ++i) bytes += commands[i] + "\r\n";
    if (data_is_sent_) bytes += "DATA\r\n";
    shown = bytes.substr(0, bytes.size() - 2);
    co_await transport_.send_bytes(std::move(bytes), std::move(shown), options_.timeout);
  }

  /// The reply to MAIL (number 0) or to RCPT. False where the connection or the message is at its end.
  asio::awaitable<bool> take_reply(std::size_t number) {
    const std::optional<Reply> reply = co_await receive(options_.timeout);
    if (number == 0) {
      sender_ = reply;
      if (reply && reply->is_positive()) co_return true;
      settle_all(Stage::mail, reply);
      // Without PIPELINING nothing else is under way; with it, the replies to the rest are refusals of no interest.
      co_return reply && can_.pipelining() && reply->code != 421;
    }
    if (!sender_->is_positive()) co_return reply.has_value();
    settle(number - 1, Stage::rcpt, reply);
    taken_[number - 1] = reply && reply->is_positive();
    if (reply && reply->code != 421) co_return true;
    for (std::size_t i = number; i < out_.recipients.size(); ++i) settle(i, Stage::rcpt, reply);
    co_return false;
  }

  /// With PIPELINING a server that took no recipient may yet say 354: then it gets an empty message (RFC 2920 section 3.1).
  asio::awaitable<bool> may_send_data(bool any_taken) {
    if (!data_is_sent_) {
      if (!any_taken) co_return false;
      co_await transport_.send(Line::plain("DATA"), options_.timeout);
    }
    const std::optional<Reply> reply = co_await receive(options_.timeout);
    const bool goes = reply && reply->code / 100 == 3;
    if (any_taken) {
      if (!goes) settle_taken(Stage::data, reply);
      co_return goes;
    }
    if (goes) {
      co_await transport_.send(Line::plain("."), options_.timeout);
      co_await receive(options_.timeout);
    }
    co_return false;
  }

  void settle_taken(Stage stage, const std::optional<Reply>& reply) {
    for (std::size_t i = 0; i < taken_.size(); ++i)
      if (taken_[i]) settle(i, stage, reply);
  }

  asio::awaitable<void> send_message() {
    if (out_.used_chunking) {
      std::string bytes = fmt::format("BDAT {} LAST\r\n", letter_.message.size());
      std::string shown = bytes.substr(0, bytes.size() - 2) + ", and the message";
      bytes += letter_.message;
      co_await transport_.send_bytes(std::move(bytes), std::move(shown), letter_.patience);
    } else {
      co_await transport_.send_bytes(with_dots(letter_.message), fmt::format("(the message, {} bytes)", letter_.message.size()), letter_.patience);
    }
    out_.end_was_sent = true;
    std::optional<Reply> reply;
    // LMTP answers once for each recipient that was taken. RFC 2033 section 4.2.
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i]) continue;
      if (lmtp_ || !is_answered_) reply = co_await receive(letter_.patience);
      is_answered_ = true;
      settle(i, Stage::data, reply);
      if (reply && reply->is_positive()) out_.recipients[i].queue_id = queue_id_of(*reply);
    }
  }

  Transport& transport_;
  const Letter& letter_;
  const NetworkOptions& options_;
  Delivery& out_;
  const bool lmtp_;
  Capabilities can_;
  std::optional<Reply> sender_;
  std::vector<bool> taken_;
  bool data_is_sent_ = false, is_answered_ = false;
};
}  // namespace

std::string_view outcome_text(Handover::Outcome outcome) {
  static constexpr std::string_view words[] = {"accepted", "deferred", "refused", "unknown"};
  return words[static_cast<int>(outcome)];
}

std::string with_dots(std::string_view message) {
  std::string out;
  out.reserve(message.size() + message.size() / 64 + 8);
  for (std::size_t begin = 0; begin < message.size();) {
    const auto end = message.find('\n', begin);
    const auto line = message.substr(begin, end == message.npos ? message.npos : end + 1 - begin);
    if (line.front() == '.') out += '.';
    out += line;
    begin += line.size();
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out + ".\r\n";
}

std::string queue_id_of(const Reply& reply) {
  const std::string text = text::joined(reply.lines, " ");
  const auto word_at = [&](std::size_t begin) {
    auto end = text.find_first_of(" ,;\r\n\t", begin);
    if (end == text.npos) end = text.size();
    return text.substr(begin, end - begin);
  };
  // Postfix, sendmail and Exchange say what it is; Exim says id=; Gmail and OpenSMTPD put it at a fixed place.
  for (const std::string_view mark : {"queued as ", "Queued as ", "id=", "Message-ID: "})
    if (const auto found = text.find(mark); found != text.npos) return word_at(found + mark.size());
  if (const auto found = text.find(" Message accepted for delivery"); found != text.npos && found > 0) {
    const auto begin = text.rfind(' ', found - 1);
    return text.substr(begin == text.npos ? 0 : begin + 1, found - (begin == text.npos ? 0 : begin + 1));
  }
  if (text.ends_with(" gsmtp") || text.ends_with("- gsmtp")) {
    const auto parts = text::split(text, ' ');
    if (parts.size() >= 4) return std::string(parts[parts.size() - 3]);
  }
  return {};
}

asio::awaitable<Delivery> deliver(ProbeRequest route, Letter letter, const NetworkOptions& options, const tls::TrustStore& store,
                                  std::chrono::system_clock::time_point now) {
  const auto executor = co_await asio::this_coro::executor;
  Delivery out;
  for (const std::string& recipient : letter.recipients) out.recipients.push_back({.recipient = recipient});
  route.quit_after = Stage::auth;
  route.drop = true;
  out.probe.connected_to = net::redirected(options.connect_to, route.host, route.endpoint);
  out.probe.request = std::move(route);
  hide_credentials(out.probe);
  Session session(out.probe, options, executor);
  co_await session.converse(store, now);
  if (out.probe.cause == Cause::none) {
    Transaction transaction(session, letter, options, out);
    co_await transaction();
  } else {
    const std::optional<Reply> refusal = out.probe.login && out.probe.login->reply ? out.probe.login->reply : out.probe.banner && !out.probe.banner->is_positive() ? out.probe.banner : std::nullopt;
    for (Handover& handover : out.recipients) settle(handover, out.probe.stopped_at.value_or(Stage::connect), refusal);
  }
  session.close();
  out.took = out.probe.transcript.elapsed();
  co_return out;
}

}  // namespace mailmedic::smtp
