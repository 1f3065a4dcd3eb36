#pragma once
// Several messages at work in one thread.
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "tools/cli/desk.hpp"
#include "tools/cli/message_source.hpp"

namespace mailmedic::cli {

/// The seats of one thread: each takes a message, and the next when it is done with it, as long as there is room on the desk
/// and not too much of messages in memory.
class Seats {
 public:
  using Take = std::function<boost::asio::awaitable<void>(NumberedMessage)>;

  Seats(MessageSource& source, Desk& desk) : source_(source), desk_(desk) {}

  /// Until there are no more messages. `take` works on one that could be read and hands it in; one that could not be is told
  /// here. `second` is called once a run, with the second message: then there are many.
  boost::asio::awaitable<void> work(std::size_t seats, Take take, std::function<void()> second);

 private:
  boost::asio::awaitable<bool> sit(const Take& take, const std::function<void()>& second);

  MessageSource& source_;
  Desk& desk_;
  std::size_t open_bytes_ = 0;  ///< of messages at work
};

}  // namespace mailmedic::cli
