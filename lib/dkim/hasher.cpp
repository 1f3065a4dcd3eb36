#include "lib/dkim/hasher.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace {

/// FNV-1a over the lower case of a name.
std::size_t hash_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(text::lower(c))) * 1099511628211u;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

}  // namespace

FieldPicker::FieldPicker(std::span<const message::RawField> fields) : fields_(fields), last_(std::bit_ceil(2 * fields.size() + 2), -1), previous_(fields.size(), -1) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    int& last = last_[place_of(fields[i].name)];
    previous_[i] = last;
    last = static_cast<int>(i);
  }
}

/// Where the name is kept, or would be: open addressing. The table is at most half full, so that a free place ends it.
std::size_t FieldPicker::place_of(std::string_view name) const {
  const std::size_t mask = last_.size() - 1;
  std::size_t place = hash_of(name) & mask;
  while (last_[place] >= 0 && !text::equals_ignoring_case(fields_[static_cast<std::size_t>(last_[place])].name, name)) place = (place + 1) & mask;
  return place;
}

std::vector<const message::RawField*> FieldPicker::pick(std::span<const std::string> names) const {
  std::vector<const message::RawField*> out;
  out.reserve(names.size());
  std::vector<std::pair<std::size_t, int>> used;  // place, the next field of that name
  for (const std::string& name : names) {
    const std::size_t place = place_of(name);
    auto found = std::find_if(used.begin(), used.end(), [&](const auto& one) { return one.first == place; });
    if (found == used.end()) found = used.insert(used.end(), {place, last_[place]});
    out.push_back(found->second < 0 ? nullptr : &fields_[static_cast<std::size_t>(found->second)]);
    if (found->second >= 0) found->second = previous_[static_cast<std::size_t>(found->second)];
  }
  return out;
}

struct Hasher::State {
  EVP_MD* method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t held = 0;
  std::array<char, 16384> buffer;  // small pieces are joined: each call of the digest has a price
  std::string header;              // kept for its memory

  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(method);
  }
  void flush() {
    if (held > 0) EVP_DigestUpdate(context, buffer.data(), held);
    held = 0;
  }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  if (!state_->method || !state_->context) throw std::runtime_error("OpenSSL has no SHA-256");
}
Hasher::~Hasher() = default;

void Hasher::begin() {
  state_->held = 0;
  EVP_DigestInit_ex2(state_->context, state_->method, nullptr);
}

void Hasher::put(std::string_view text) {
  State& state = *state_;
  if (text.size() > state.buffer.size() - state.held) state.flush();
  if (text.size() > state.buffer.size()) {
    EVP_DigestUpdate(state.context, text.data(), text.size());
    return;
  }
  std::memcpy(state.buffer.data() + state.held, text.data(), text.size());
  state.held += text.size();
}

std::string Hasher::end() {
  state_->flush();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

BodyHash Hasher::body(std::string_view body, Canonicalization form, std::optional<std::uint64_t> limit) {
  BodyHash out;
  begin();
  put_canonical_body(body, form, [&](std::string_view piece) {
    const std::uint64_t room = limit ? *limit - std::min(*limit, out.length) : piece.size();
    put(piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, piece.size()))));
    out.length += piece.size();
  });
  out.bytes = end();
  return out;
}

namespace {

void append_signed_header(std::string& out, std::span<const message::RawField* const> picked, std::string_view whole, std::size_t value_begin, std::size_t value_end,
                          Canonicalization form) {
  for (const message::RawField* field : picked) {
    if (!field) continue;
    append_field(out, field->whole, form);
    out.append("\r\n");
  }
  std::string own(whole.substr(0, value_begin));
  own.append(whole.substr(std::min(value_end, whole.size())));
  append_field(out, own, form);
}

}  // namespace

std::string signed_header(std::span<const message::RawField* const> picked, std::string_view whole, std::size_t value_begin, std::size_t value_end, Canonicalization form) {
  std::string out;
  append_signed_header(out, picked, whole, value_begin, value_end, form);
  return out;
}

std::string Hasher::header(std::span<const message::RawField* const> picked, std::string_view whole, std::size_t value_begin, std::size_t value_end, Canonicalization form) {
  state_->header.clear();
  append_signed_header(state_->header, picked, whole, value_begin, value_end, form);
  return of(state_->header);
}

std::string Hasher::of(std::string_view text) {
  begin();
  put(text);
  return end();
}

BodyHash BodyHashes::of(Canonicalization form, std::optional<std::uint64_t> limit) {
  for (const Made& made : made_)
    if (made.form == form && made.limit == limit) return made.hash;
  made_.push_back({form, limit, hasher_.body(body_, form, limit)});
  return made_.back().hash;
}

}  // namespace mailmedic::dkim
