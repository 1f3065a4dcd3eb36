#include "lib/dns/udp_channel.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cstring>

namespace mailmedic::dns {

namespace asio = boost::asio;

namespace {
constexpr std::size_t batch = 32;
constexpr std::size_t largest_message = 4096;  // we ask for 1232; a server may ignore that
constexpr int receive_buffer = 1 << 20;        // the system may grant less
}  // namespace

UdpChannel::UdpChannel(asio::any_io_executor executor, net::Endpoint server, Listener& listener)
    : socket_(std::move(executor)), server_(std::move(server)), listener_(listener) {}

std::optional<std::string> UdpChannel::open(const std::optional<net::Address>& bind) {
  boost::system::error_code failed;
  const asio::ip::udp::endpoint peer(server_.address, server_.port);
  socket_.open(peer.protocol(), failed);
  if (!failed && bind && bind->is_v4() == server_.address.is_v4()) socket_.bind({*bind, 0}, failed);
  if (!failed) socket_.connect(peer, failed);
  if (!failed) socket_.non_blocking(true, failed);
  if (failed) return failed.message();
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer), ignored);
  wait_to_read();
  return std::nullopt;
}

void UdpChannel::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void UdpChannel::send(std::uint16_t id, std::string message) {
  outbox_.push_back({id, std::move(message)});
  if (flushing_) return;
  flushing_ = true;  // once for all that is sent in this turn of the event loop
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->flush(); });
}

void UdpChannel::flush() {
  std::size_t sent = 0;
  while (sent < outbox_.size() && socket_.is_open()) {
    std::array<mmsghdr, batch> messages{};
    std::array<iovec, batch> parts{};
    const std::size_t count = std::min(batch, outbox_.size() - sent);
    for (std::size_t i = 0; i < count; ++i) {
      std::string& message = outbox_[sent + i].message;
      parts[i] = {message.data(), message.size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int done = ::sendmmsg(socket_.native_handle(), messages.data(), static_cast<unsigned>(count), 0);
    if (done > 0) {
      std::vector<std::uint16_t> ids;
      for (int i = 0; i < done; ++i) ids.push_back(outbox_[sent++].id);
      listener_.on_sent(*this, ids);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
      outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(sent));
      return wait_to_write();
    }
    // An ICMP error of an earlier message, or no route: this message was not sent.
    const std::string why = std::strerror(errno);
    outbox_.clear();
    flushing_ = false;
    return listener_.on_failure(*this, why);
  }
  outbox_.clear();
  flushing_ = false;
}

void UdpChannel::wait_to_write() {
  socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](boost::system::error_code failed) {
    if (!failed) self->flush();
  });
}

void UdpChannel::wait_to_read() {
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](boost::system::error_code failed) {
    if (!failed) self->read_all();
  });
}

void UdpChannel::read_all() {
  static thread_local std::array<std::array<char, largest_message>, batch> buffers;
  while (socket_.is_open()) {
    std::array<mmsghdr, batch> messages{};
    std::array<iovec, batch> parts{};
    for (std::size_t i = 0; i < batch; ++i) {
      parts[i] = {buffers[i].data(), buffers[i].size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(socket_.native_handle(), messages.data(), batch, MSG_DONTWAIT, nullptr);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      listener_.on_failure(*this, std::strerror(errno));
      break;
    }
    for (int i = 0; i < count && socket_.is_open(); ++i)
      if (!(messages[i].msg_hdr.msg_flags & MSG_TRUNC))
        listener_.on_message(*this, {buffers[i].data(), messages[i].msg_len});
    if (static_cast<std::size_t>(count) < batch) break;
  }
  if (socket_.is_open()) wait_to_read();
}

}  // namespace mailmedic::dns
