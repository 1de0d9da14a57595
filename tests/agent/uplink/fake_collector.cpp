#include "tests/agent/uplink/fake_collector.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "common/wire/codec.hpp"

namespace rollcall::support
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

static constexpr auto device_id = "01900000-0000-7000-8000-000000000001";

static net::Certificate make_certificate(EVP_PKEY& key, std::string const& name, std::string const& alternative,
                                         Issued const* issuer, EVP_PKEY& signer)
{
    static std::atomic<long> serial{0};
    net::Certificate made(X509_new());
    auto* const x = made.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, &key);
    auto* const subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(x, issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate.get()));
    auto const add = [x](int what, std::string const& value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    add(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!alternative.empty()) add(NID_subject_alt_name, alternative);
    X509_sign(x, &signer, EVP_sha256());
    return made;
}

Issued issue(std::string const& name, std::string const& alternative, Issued const* issuer)
{
    Issued made{*net::make_key(), nullptr};
    auto& signer = issuer == nullptr ? *made.key : *issuer->key;
    made.certificate = make_certificate(*made.key, name, alternative, issuer, signer);
    return made;
}

std::string certify(std::string const& request_pem, std::string const& name, Issued const& issuer)
{
    auto const request = net::request_from_pem(request_pem);
    auto const made = make_certificate(*X509_REQ_get0_pubkey(request->get()), name, "", &issuer, *issuer.key);
    return *net::to_pem(*made);
}

/// RFC 7301: takes the first protocol the client offers; an agent must show its certificate.
static int choose(SSL* connection, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                  unsigned, void*)
{
    *size = offered[0];
    *chosen = offered + 1;
    if (std::string_view(reinterpret_cast<char const*>(*chosen), *size) == wire::alpn_agent)
        SSL_set_verify(connection, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return SSL_TLSEXT_ERR_OK;
}

namespace
{

using Tls = asio::ssl::stream<tcp::socket>;

class SocketLink final : public Link
{
public:
    explicit SocketLink(Tls& tls)
        : socket_(tls)
    {
        socket_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
            if (kind == websocket::frame_type::pong) pongs_.emplace_back(payload);
        });
        socket_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
            response.set(http::field::sec_websocket_protocol, wire::subprotocol);
        }));
    }
    bool accept()
    {
        beast::error_code failed;
        socket_.accept(failed);
        return !failed;
    }
    std::optional<wire::FromAgent> read() override
    {
        beast::flat_buffer buffer;
        beast::error_code failed;
        socket_.read(buffer, failed);
        if (failed) return std::nullopt;
        auto message = wire::decode_from_agent(beast::buffers_to_string(buffer.data()));
        if (!message) return std::nullopt;
        return std::move(*message);
    }
    void send(wire::FromCollector const& message) override { send_text(wire::encode(message)); }
    void send_text(std::string const& text) override
    {
        beast::error_code failed;
        socket_.write(asio::buffer(text), failed);
    }
    std::vector<std::string> pongs() const override { return pongs_; }

private:
    websocket::stream<Tls&, false> socket_;
    std::vector<std::string> pongs_;
};

} // namespace

class FakeCollector::Body
{
public:
    using Post = std::function<std::pair<int, std::string>(std::string const&)>;
    using Raw = std::function<std::string(std::string const&)>;

    Body()
        : ca_(issue("ca", "", nullptr))
        , acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0})
    {
        certify_self(ca_);
        thread_ = std::thread([this] { serve(); });
    }
    ~Body()
    {
        {
            std::lock_guard const lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        // The acceptor waits in accept(): one more connection ends that.
        asio::io_context own;
        tcp::socket knock(own);
        beast::error_code ignored;
        knock.connect(acceptor_.local_endpoint(ignored), ignored);
        thread_.join();
    }

    void certify_self(Issued const& issuer)
    {
        std::lock_guard const lock(mutex_);
        auto const server = issue("collector", "IP:127.0.0.1", &issuer);
        context_ = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
        auto* const context = context_->native_handle();
        SSL_CTX_use_certificate(context, server.certificate.get());
        SSL_CTX_use_PrivateKey(context, server.key.get());
        SSL_CTX_add1_chain_cert(context, issuer.certificate.get());
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca_.certificate.get());
        SSL_CTX_set_alpn_select_cb(context, choose, nullptr);
    }

    void serve()
    {
        for (;;) {
            beast::error_code failed;
            tcp::socket socket(io_);
            acceptor_.accept(socket, failed);
            std::shared_ptr<asio::ssl::context> context;
            {
                std::lock_guard const lock(mutex_);
                if (ending_) return;
                context = context_;
            }
            if (failed) continue;
            Tls tls(std::move(socket), *context);
            tls.handshake(asio::ssl::stream_base::server, failed);
            if (failed) continue;
            ++connections_;
            converse(tls);
            beast::error_code ignored;
            tls.lowest_layer().close(ignored);
        }
    }

    void converse(Tls& tls)
    {
        Script script;
        Post post;
        Raw raw;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return ending_ || !scripts_.empty() || !posts_.empty() || !raws_.empty(); });
            if (!scripts_.empty()) {
                script = std::move(scripts_.front());
                scripts_.pop_front();
            } else if (!posts_.empty()) {
                post = std::move(posts_.front());
                posts_.pop_front();
            } else if (!raws_.empty()) {
                raw = std::move(raws_.front());
                raws_.pop_front();
            }
        }
        if (script) {
            SocketLink link(tls);
            if (link.accept()) script(link);
        } else if (post) {
            beast::flat_buffer buffer;
            http::request<http::string_body> request;
            beast::error_code failed;
            http::read(tls, buffer, request, failed);
            if (failed) return;
            auto const [status, body] = post(request.body());
            http::response<http::string_body> response(http::int_to_status(static_cast<unsigned>(status)), 11);
            response.body() = body;
            response.prepare_payload();
            http::write(tls, response, failed);
        } else if (raw) {
            std::string head;
            beast::error_code failed;
            asio::read_until(tls, asio::dynamic_buffer(head), "\r\n\r\n", failed);
            if (failed) return;
            auto const bytes = raw(head);
            asio::write(tls, asio::buffer(bytes), failed);
            // Without it the rest of what was written could be lost with the connection.
            tls.lowest_layer().shutdown(tcp::socket::shutdown_send, failed);
            std::array<char, 256> rest{};
            while (!failed)
                tls.next_layer().read_some(asio::buffer(rest), failed);
        }
    }

    Issued ca_;
    Issued false_ca_{issue("ca", "", nullptr)};
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::shared_ptr<asio::ssl::context> context_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Script> scripts_;
    std::deque<Post> posts_;
    std::deque<Raw> raws_;
    bool ending_ = false;
    std::atomic<int> connections_{0};
    std::thread thread_;
};

FakeCollector::FakeCollector()
    : body_(std::make_unique<Body>())
{
}
FakeCollector::~FakeCollector() = default;

std::string FakeCollector::address() const
{
    return "127.0.0.1:" + std::to_string(body_->acceptor_.local_endpoint().port());
}
Issued const& FakeCollector::ca() const { return body_->ca_; }
void FakeCollector::turn_false() { body_->certify_self(body_->false_ca_); }

uplink::Identity FakeCollector::identity() const
{
    auto const leaf = issue(device_id, "", &body_->ca_);
    return {address(),
            device_id,
            {*net::to_pem(*leaf.key), *net::to_pem(*leaf.certificate), *net::to_pem(*body_->ca_.certificate)}};
}

std::string FakeCollector::token(std::string const& secret) const
{
    return wire::encode_token({address(), net::fingerprint(*body_->ca_.certificate), secret});
}

void FakeCollector::then(Script script)
{
    {
        std::lock_guard const lock(body_->mutex_);
        body_->scripts_.push_back(std::move(script));
    }
    body_->changed_.notify_all();
}

void FakeCollector::then_post(std::function<std::pair<int, std::string>(std::string const&)> answer)
{
    {
        std::lock_guard const lock(body_->mutex_);
        body_->posts_.push_back(std::move(answer));
    }
    body_->changed_.notify_all();
}

void FakeCollector::then_raw(std::function<std::string(std::string const&)> answer)
{
    {
        std::lock_guard const lock(body_->mutex_);
        body_->raws_.push_back(std::move(answer));
    }
    body_->changed_.notify_all();
}

void FakeCollector::forget()
{
    std::lock_guard const lock(body_->mutex_);
    body_->scripts_.clear();
    body_->posts_.clear();
    body_->raws_.clear();
}

int FakeCollector::connections() const { return body_->connections_; }

} // namespace rollcall::support
