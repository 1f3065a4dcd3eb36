#include "lib/https/answer_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "lib/https/network_getter.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::https {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {
constexpr int max_interim = 16;

std::string field(const http::fields& fields, http::field name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : std::string(found->value());
}

Cause cause_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return Cause::header_too_large;
  if (error == http::error::body_limit) return Cause::body_too_large;
  if (error == http::error::partial_message || error == http::error::end_of_stream) return Cause::closed;
  return Cause::malformed;
}
}  // namespace

struct AnswerParser::Impl {
  explicit Impl(Response& into) : response(into) { renew(); }

  void renew() {
    parser.emplace();
    parser->eager(true);
    parser->header_limit(static_cast<std::uint32_t>(header_limit));
    parser->body_limit(response.request.body_limit);
  }

  /// Feeds until no more can be used; true when nothing more is wanted.
  bool feed() {
    while (true) {
      error_code error;
      const std::size_t used = parser->put(boost::asio::buffer(unread), error);
      unread.erase(0, used);
      some_used = some_used || used > 0;
      if (error == http::error::need_more) return keep_waiting(used);
      if (error) return stop(error);
      if (!parser->is_done()) {
        if (used == 0 || unread.empty()) return false;
        continue;
      }
      if (parser->get().result_int() / 100 != 1) return true;
      if (++interim > max_interim) return stop(http::error::bad_status);
      renew();
      if (unread.empty()) return false;
    }
  }

  /// The parser holds back what it could not use: a header field without its end.
  bool keep_waiting(std::size_t used) {
    if (used == 0 && unread.size() > header_limit) return stop(http::error::header_limit);
    return false;
  }

  /// Beast waits for a whole line before it looks at it.
  bool began_as_http() const {
    constexpr std::string_view start = "HTTP/";
    return some_used || std::string_view(unread).substr(0, start.size()) == start.substr(0, unread.size());
  }

  bool stop(const error_code& error) {
    response.cause = cause_of(error);
    response.why = error.message();
    response.error = error;
    return true;
  }

  void fill() {
    const bool has_header = parser->is_header_done() || response.cause == Cause::body_too_large;
    response.stopped_at = has_header ? Stage::body : Stage::header;
    if (!has_header) return;
    const auto& message = parser->get();
    response.status = static_cast<int>(message.result_int());
    response.reason = std::string(message.reason());
    response.content_type = field(message, http::field::content_type);
    response.media_type = text::lower(text::trimmed(std::string_view(response.content_type).substr(0, response.content_type.find(';'))));
    response.location = field(message, http::field::location);
    response.body = message.body().substr(0, response.request.body_limit);
  }

  Response& response;
  std::optional<http::response_parser<http::string_body>> parser;
  std::string unread;
  int interim = 0;
  bool some_used = false;  ///< at least the first line was one of HTTP
};

AnswerParser::AnswerParser(Response& response) : impl_(std::make_unique<Impl>(response)) {}
AnswerParser::~AnswerParser() = default;

bool AnswerParser::receive(std::string_view bytes) {
  impl_->unread += bytes;
  const bool finished = impl_->feed();
  if (finished) impl_->fill();
  return finished;
}

void AnswerParser::end() {
  error_code error;
  if (!impl_->began_as_http())
    error = http::error::bad_version;
  else if (impl_->parser->got_some())
    impl_->parser->put_eof(error);
  else
    error = http::error::end_of_stream;
  if (error) impl_->stop(error);
  impl_->fill();
}

}  // namespace mailmedic::https
