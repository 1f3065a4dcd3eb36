#include "lib/tls/session.hpp"

#include <algorithm>

#include "lib/text/ascii.hpp"
#include "lib/tls/openssl_certificate.hpp"
#include "lib/tls/trust_store.hpp"

namespace mailmedic::tls {

namespace {
constexpr std::size_t stray_limit = 512;
constexpr long largest_staple = 65536;

int number_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls1_0: return TLS1_VERSION;
    case Protocol::tls1_1: return TLS1_1_VERSION;
    case Protocol::tls1_2: return TLS1_2_VERSION;
    case Protocol::tls1_3: return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

/// "handshake failure" -> "handshake_failure", as RFC 8446 section 6 spells it.
std::string alert_name(int code) {
  std::string name = text::lower(std::string_view(SSL_alert_desc_string_long(code)));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name == "unknown" ? "alert_" + std::to_string(code) : name;
}

/// Has a record of RFC 8446 section 5.1 this start? Content types 20 to 24, major version 3.
bool starts_as_tls(std::string_view bytes) {
  const auto type = static_cast<unsigned char>(bytes[0]);
  return type >= 20 && type <= 24 && (bytes.size() < 2 || bytes[1] == 3);
}

bool is_address(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return host.find(':') != std::string_view::npos || std::all_of(last.begin(), last.end(), text::is_digit);
}

std::string group_of(SSL* ssl) {
  if (const long group = SSL_get_negotiated_group(ssl); group > 0)
    if (const char* name = SSL_group_to_name(ssl, static_cast<int>(group))) return name;
  EVP_PKEY* key = nullptr;
  if (SSL_get_peer_tmp_key(ssl, &key) != 1 || !key) return {};
  const openssl::PublicKey owned(key);
  char name[80];
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1) {
    const std::string_view curve(name, size);  // OpenSSL's old name; the registry of TLS groups has another
    return curve == "prime256v1" ? "secp256r1" : std::string(curve);
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  if (EVP_PKEY_is_a(key, "DH")) return "DH " + std::to_string(EVP_PKEY_get_bits(key)) + " bits";
  return type ? text::lower(std::string_view(type)) : std::string();
}
}  // namespace

std::string_view protocol_text(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls1_0: return "TLSv1";
    case Protocol::tls1_1: return "TLSv1.1";
    case Protocol::tls1_2: return "TLSv1.2";
    case Protocol::tls1_3: return "TLSv1.3";
  }
  return "TLSv1.3";
}

struct Session::Impl {
  openssl::Ssl ssl;
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl
  State state = State::handshaking;
  std::string first_bytes, plaintext;
  Handshake facts;
  Resumable resumable;
  Renegotiation renegotiation = Renegotiation::none;
  int handshakes = 0, handshakes_before = 0;
  bool collects = false;

  /// One for all sessions: to make it costs more than all else that a handshake has to reckon. Null where OpenSSL cannot.
  static SSL_CTX* shared_context() {
    static const openssl::Context context = make_context();
    return context.get();
  }

  static openssl::Context make_context() {
    openssl::Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) return context;
    SSL_CTX* c = context.get();
    // Weak keys, digests and protocols must be seen, not refused: what they mean is judged elsewhere.
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_options(c, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, &Impl::keep);
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_cert_verify_callback(c, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);  // verify() does, once
    if (SSL_CTX_set_cipher_list(c, "ALL:!aNULL:!eNULL:@SECLEVEL=0") != 1) return nullptr;
    SSL_CTX_set_client_cert_cb(c, [](SSL* s, X509**, EVP_PKEY**) {
      static_cast<Impl*>(SSL_get_app_data(s))->facts.certificate_requested = true;
      return 0;
    });
    return context;
  }

  void open(const Offer& offer) {
    if (SSL_CTX* context = shared_context()) ssl.reset(SSL_new(context));
    if (!ssl) return give_up(openssl::take_error());
    collects = offer.collects;
    SSL_set_min_proto_version(ssl.get(), number_of(offer.oldest));
    SSL_set_max_proto_version(ssl.get(), number_of(offer.newest));
    if (!offer.collects && !offer.resume) SSL_set_options(ssl.get(), SSL_OP_NO_TICKET);
    if ((!offer.ciphers.empty() && SSL_set_cipher_list(ssl.get(), offer.ciphers.c_str()) != 1) ||
        (!offer.groups.empty() && SSL_set1_groups_list(ssl.get(), offer.groups.c_str()) != 1)) {
      ssl.reset();
      return give_up(openssl::take_error());
    }
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_app_data(ssl.get(), this);
    SSL_set_info_callback(ssl.get(), &Impl::note);
    SSL_set_tlsext_status_type(ssl.get(), TLSEXT_STATUSTYPE_ocsp);
    if (!offer.alpn.empty() && offer.alpn.size() < 256) {
      const std::string wire = static_cast<char>(offer.alpn.size()) + offer.alpn;
      SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
    }
    if (!offer.host.empty() && !is_address(offer.host) && SSL_set_tlsext_host_name(ssl.get(), offer.host.c_str()) == 1)
      facts.sni = offer.host;
    if (offer.resume) SSL_set_session(ssl.get(), static_cast<SSL_SESSION*>(offer.resume.get()));
    SSL_set_connect_state(ssl.get());
    advance();
  }

  static int keep(SSL* s, SSL_SESSION* session) {
    auto* own = static_cast<Impl*>(SSL_get_app_data(s));
    if (!own->collects) return 0;
    Resumable& out = own->resumable;
    // A copy: OpenSSL declares the session itself dead when its connection ends without a farewell, or by an alert.
    out.session = std::shared_ptr<void>(SSL_SESSION_dup(session), [](void* owned) { SSL_SESSION_free(static_cast<SSL_SESSION*>(owned)); });
    out.by_ticket = SSL_SESSION_has_ticket(session) == 1;
    out.lifetime_s = static_cast<std::uint32_t>(SSL_SESSION_get_ticket_lifetime_hint(session));
    out.early_data_bytes = SSL_SESSION_get_max_early_data(session);
    return 0;  // the one given stays OpenSSL's
  }

  static void note(const SSL* s, int where, int value) {
    if (where & SSL_CB_HANDSHAKE_DONE) ++static_cast<Impl*>(SSL_get_app_data(s))->handshakes;
    if (!(where & SSL_CB_ALERT)) return;
    Alert alert;
    alert.code = value & 0xff;
    alert.fatal = (value >> 8) == SSL3_AL_FATAL;
    alert.from_peer = (where & SSL_CB_READ) != 0;
    alert.name = alert_name(alert.code);
    if (alert.code == SSL3_AD_CLOSE_NOTIFY) return;
    Handshake& facts = static_cast<Impl*>(SSL_get_app_data(s))->facts;
    if (alert.fatal && !facts.alert)
      facts.alert = std::move(alert);
    else if (facts.warnings.size() < 16)
      facts.warnings.push_back(std::move(alert));
  }

  void give_up(std::string why) {
    state = State::failed;
    facts.failure = Failure::local;
    facts.error = std::move(why);
  }

  void advance() {
    if (state == State::handshaking) handshake();
    if (state == State::open) read();
  }

  void handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl.get());
    if (done == 1) return opened();
    const int error = SSL_get_error(ssl.get(), done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
    state = State::failed;
    facts.error = openssl::take_error();
    if (!first_bytes.empty() && !starts_as_tls(first_bytes)) {
      facts.failure = Failure::not_tls;
      facts.stray_bytes = first_bytes;
      facts.alert.reset();  // ours, at bytes that no TLS peer has sent
    } else {
      facts.failure = facts.alert ? Failure::alert : Failure::local;
    }
  }

  void opened() {
    state = State::open;
    facts.completed = true;
    SSL* s = ssl.get();
    facts.protocol = SSL_get_version(s);
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(s)) {
      const char* name = SSL_CIPHER_standard_name(cipher);
      facts.cipher = name ? name : SSL_CIPHER_get_name(cipher);
      facts.cipher_bits = SSL_CIPHER_get_bits(cipher, nullptr);
    }
    facts.group = group_of(s);
    const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(s);
    for (int i = 0; chain && i < sk_X509_num(chain); ++i)
      facts.chain.push_back(openssl::facts_of(sk_X509_value(chain, i)));
    const unsigned char* staple = nullptr;
    const long stapled = SSL_get_tlsext_status_ocsp_resp(s, &staple);
    facts.ocsp_stapled = stapled > 0;
    if (stapled > 0 && stapled <= largest_staple) facts.ocsp_response.assign(reinterpret_cast<const char*>(staple), static_cast<std::size_t>(stapled));
    facts.resumed = SSL_session_reused(s) == 1;
    facts.secure_renegotiation = SSL_version(s) >= TLS1_3_VERSION || SSL_get_secure_renegotiation_support(s) == 1;
  }

  void read() {
    char buffer[4096];
    while (true) {
      ERR_clear_error();
      const int size = SSL_read(ssl.get(), buffer, sizeof buffer);
      if (size > 0) {
        plaintext.append(buffer, static_cast<std::size_t>(size));
        continue;
      }
      const int error = SSL_get_error(ssl.get(), size);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) state = State::closed;
      ERR_clear_error();
      if (renegotiation == Renegotiation::pending && state == State::closed) renegotiation = Renegotiation::refused;
      if (renegotiation == Renegotiation::pending && handshakes > handshakes_before) renegotiation = Renegotiation::taken;
      return;
    }
  }
};

Session::Session(const Offer& offer) : impl_(std::make_unique<Impl>()) { impl_->open(offer); }
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Session::State Session::state() const { return impl_->state; }

void Session::receive(std::string_view bytes) {
  if (!impl_->ssl || bytes.empty()) return;
  if (impl_->first_bytes.size() < stray_limit)
    impl_->first_bytes += bytes.substr(0, stray_limit - impl_->first_bytes.size());
  BIO_write(impl_->in, bytes.data(), static_cast<int>(bytes.size()));
  impl_->advance();
}

void Session::fail(Failure failure, std::string error) {
  if (impl_->state != State::handshaking) return;
  impl_->state = State::failed;
  // A peer that talks something else and then hangs up, or waits, has told more than the end does.
  const bool stray = !impl_->first_bytes.empty() && !starts_as_tls(impl_->first_bytes);
  impl_->facts.failure = stray ? Failure::not_tls : failure;
  if (stray) impl_->facts.stray_bytes = impl_->first_bytes;
  impl_->facts.error = std::move(error);
}

void Session::send(std::string_view plaintext) {
  if (impl_->state != State::open || plaintext.empty()) return;
  ERR_clear_error();
  if (SSL_write(impl_->ssl.get(), plaintext.data(), static_cast<int>(plaintext.size())) <= 0) impl_->state = State::closed;
}

std::string Session::take_output() {
  if (!impl_->ssl) return {};
  std::string out = openssl::text_of(impl_->out);
  (void)BIO_reset(impl_->out);
  return out;
}

std::string Session::take_plaintext() { return std::exchange(impl_->plaintext, {}); }
Handshake Session::facts() const { return impl_->facts; }

Resumable Session::resumable() const { return impl_->resumable; }
Renegotiation Session::renegotiation() const { return impl_->renegotiation; }

void Session::renegotiate() {
  SSL* ssl = impl_->ssl.get();
  if (impl_->state != State::open || SSL_version(ssl) >= TLS1_3_VERSION) return;
  ERR_clear_error();
  if (SSL_renegotiate(ssl) != 1) return;
  impl_->renegotiation = Renegotiation::pending;
  impl_->handshakes_before = impl_->handshakes;
  SSL_do_handshake(ssl);  // its hello; SSL_read() takes the rest
  ERR_clear_error();
}

ChannelBinding Session::channel_binding() const {
  SSL* ssl = impl_->ssl.get();
  if (impl_->state != State::open) return {};
  if (SSL_version(ssl) >= TLS1_3_VERSION) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    ChannelBinding out{"tls-exporter", std::string(32, '\0')};
    const int made = SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(out.bytes.data()), out.bytes.size(), label.data(), label.size(), nullptr, 0, 0);
    return made == 1 ? out : ChannelBinding{};
  }
  // Without the extended master secret a man in the middle can make two sessions that look the same (RFC 7627).
  if (SSL_get_extms_support(ssl) != 1) return {};
  char finished[64];
  const std::size_t size = SSL_get_finished(ssl, finished, sizeof finished);
  return {"tls-unique", std::string(finished, std::min(size, sizeof finished))};
}

void prepare(const TrustStore& store) {
  Session::Impl::shared_context();
  store.native();
}

}  // namespace mailmedic::tls
