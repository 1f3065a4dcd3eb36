#include "lib/dns/tcp_question.hpp"

#include <stdlib.h>  // arc4random

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace mailmedic::dns {

namespace asio = boost::asio;

namespace {
constexpr auto await = asio::as_tuple(asio::use_awaitable);

/// Closes a socket when its time is over; says whether it did.
class Deadline {
 public:
  Deadline(asio::ip::tcp::socket& socket, std::chrono::milliseconds limit) : timer_(socket.get_executor(), limit) {
    timer_.async_wait([&socket, passed = passed_](boost::system::error_code cancelled) {
      if (cancelled) return;
      *passed = true;
      boost::system::error_code ignored;
      socket.close(ignored);
    });
  }
  bool passed() const { return *passed_; }

 private:
  std::shared_ptr<bool> passed_ = std::make_shared<bool>(false);
  asio::steady_timer timer_;
};

Answer failure(Status status, const std::string& what) {
  Answer answer;
  answer.status = status;
  answer.why = "truncated over UDP; TCP " + what;
  return answer;
}
}  // namespace

asio::awaitable<Answer> ask_tcp(asio::any_io_executor executor, net::Endpoint server, std::optional<net::Address> bind,
                                Question question, bool with_proof, std::chrono::milliseconds limit) {
  asio::ip::tcp::socket socket(executor);
  const Deadline deadline(socket, limit);
  const auto failed_at = [&](const boost::system::error_code& error) {
    if (deadline.passed()) return failure(Status::timed_out, "gave no answer in time");
    return failure(Status::timed_out, "failed: " + error.message());
  };
  const asio::ip::tcp::endpoint peer(server.address, server.port);
  boost::system::error_code refused;
  socket.open(peer.protocol(), refused);
  if (!refused && bind && bind->is_v4() == server.address.is_v4()) socket.bind({*bind, 0}, refused);
  if (refused) co_return failed_at(refused);

  const auto [connect_failed] = co_await socket.async_connect(peer, await);
  if (connect_failed) co_return failed_at(connect_failed);

  const auto id = static_cast<std::uint16_t>(arc4random());
  std::string message = encode_query(question, id, with_proof);
  message.insert(0, {static_cast<char>(message.size() >> 8), static_cast<char>(message.size() & 255)});
  const auto [write_failed, written] = co_await asio::async_write(socket, asio::buffer(message), await);
  if (write_failed) co_return failed_at(write_failed);

  unsigned char head[2] = {};
  const auto [head_failed, head_read] = co_await asio::async_read(socket, asio::buffer(head), await);
  if (head_failed) co_return failed_at(head_failed);
  std::string reply(static_cast<std::size_t>(head[0]) << 8 | head[1], '\0');
  const auto [read_failed, read] = co_await asio::async_read(socket, asio::buffer(reply), await);
  if (read_failed) co_return failed_at(read_failed);

  Decoded decoded = decode_answer(reply, question, id);
  if (!decoded.ours || decoded.truncated) co_return failure(Status::malformed, "brought an answer to another question");
  if (with_proof) decoded.answer.message = std::move(reply);
  decoded.answer.over_tcp = true;
  co_return std::move(decoded.answer);
}

}  // namespace mailmedic::dns
