#include "bolt/link/connection.h"

#include "bolt/errors.h"

#include <array>
#include <utility>

namespace godwit::bolt {
namespace {

constexpr size_t read_bytes = size_t{256} << 10;

// "I speak Bolt", then four offers, the best first: any of 5.8 to 5.0, 4.4, and two that are none. The second
// byte is the number of minor versions below that are meant, too (Bolt manual, "Bolt version 4.3").
constexpr std::string_view opening(
    "\x60\x60\xB0\x17"
    "\x00\x08\x08\x05"
    "\x00\x00\x04\x04"
    "\x00\x00\x00\x00"
    "\x00\x00\x00\x00",
    20);
constexpr Version newest{5, 8};
constexpr Version oldest{4, 4};

namespace summary {
constexpr uint8_t success = 0x70;
constexpr uint8_t record = 0x71;
constexpr uint8_t ignored = 0x7E;
constexpr uint8_t failure = 0x7F;
}  // namespace summary

void write_login(PackWriter& out, const Login& login) {
  out.text("scheme");
  out.text(login.user.empty() ? "none" : "basic");
  if (login.user.empty()) return;
  out.text("principal");
  out.text(login.user);
  out.text("credentials");
  out.text(login.password.reveal());
}

size_t login_entries(const Login& login) {
  return login.user.empty() ? 1 : 3;
}

Error protocol_broken() {
  return make_error(ErrorKind::failed, "the server's answer does not fit the question",
                    "check that the address is that of a Neo4j server's Bolt port");
}

}  // namespace

std::string text_of(const Map& map, std::string_view key) {
  const Value* value = find(map, key);
  const auto* text = value == nullptr ? nullptr : value->as<std::string>();
  return text == nullptr ? "" : *text;
}

int64_t number_of(const Map& map, std::string_view key) {
  const Value* value = find(map, key);
  const auto* number = value == nullptr ? nullptr : value->as<int64_t>();
  return number == nullptr ? 0 : *number;
}

Error error_of(const Map& failure) {
  // Bolt 5.7 and later say neo4j_code and add GQL's status.
  std::string code = text_of(failure, "code");
  if (code.empty()) code = text_of(failure, "neo4j_code");
  return error_from(code, text_of(failure, "message"));
}

Result<std::unique_ptr<Connection>> Connection::greet(std::unique_ptr<Transport> transport,
                                                      const Login& login, const Limits& limits,
                                                      const Patience& patience) {
  std::unique_ptr<Connection> connection(new Connection(std::move(transport), limits));
  RETURN_IF_ERROR(connection->agree_on_version(patience));
  RETURN_IF_ERROR(connection->say_hello(login, patience));
  return connection;
}

Status Connection::agree_on_version(const Patience& patience) {
  RETURN_IF_ERROR(transport_->write(opening, patience));
  std::array<char, 4> chosen{};
  size_t have = 0;
  while (have < chosen.size()) {
    ASSIGN_OR_RETURN(const size_t got,
                     transport_->read(chosen.data() + have, chosen.size() - have, patience));
    have += got;
  }
  const std::string_view answer(chosen.data(), chosen.size());
  if (answer == "HTTP") {
    return make_error(ErrorKind::unreachable, "the server speaks HTTP on this port, not Bolt",
                      "give the Bolt port, which is 7687 where nobody changed it");
  }
  greeting_.version = {static_cast<unsigned char>(answer[3]), static_cast<unsigned char>(answer[2])};
  if (greeting_.version < oldest || greeting_.version > newest || answer[0] != 0 || answer[1] != 0 ||
      (greeting_.version.major == 4 && greeting_.version.minor != 4)) {
    return make_error(ErrorKind::failed, "the server speaks none of the Bolt versions 4.4 and 5.0 to 5.8",
                      "Neo4j 4.4 and 5 are supported");
  }
  greeting_.dialect.element_ids = greeting_.version.major >= 5;
  greeting_.dialect.utc = greeting_.version.major >= 5;
  return {};
}

Status Connection::say_hello(const Login& login, const Patience& patience) {
  const Version version = greeting_.version;
  const bool apart = version >= Version{5, 1};  // the login is a request of its own
  const bool names_product = version >= Version{5, 3};
  const bool patches = version.major == 4;
  const bool quiet = version >= Version{5, 2};
  PackWriter hello = begin(request::hello, 1);
  hello.map(1 + (apart ? 0 : login_entries(login)) + (names_product ? 1 : 0) + (patches ? 1 : 0) +
            (quiet ? 1 : 0));
  hello.text("user_agent");
  hello.text(login.agent);
  if (names_product) {
    hello.text("bolt_agent");
    hello.map(1);
    hello.text("product");
    hello.text(login.agent);
  }
  if (patches) {
    hello.text("patch_bolt");
    hello.list(1);
    hello.text("utc");
  }
  if (quiet) {
    hello.text("notifications_minimum_severity");
    hello.text("OFF");
  }
  if (!apart) write_login(hello, login);
  RETURN_IF_ERROR(end(hello));
  if (apart) {
    PackWriter logon = begin(request::logon, 1);
    logon.map(login_entries(login));
    write_login(logon, login);
    RETURN_IF_ERROR(end(logon));
  }
  const Status sent = send(patience);
  out_.wipe();
  RETURN_IF_ERROR(sent);
  return receive_greeting(patience);
}

Status Connection::receive_greeting(const Patience& patience) {
  ASSIGN_OR_RETURN(const Answer hello, receive(nullptr, patience));
  if (hello.kind == Answer::Kind::failure) return error_of(hello.metadata);
  if (hello.kind != Answer::Kind::success) return protocol_broken();
  greeting_.server = text_of(hello.metadata, "server");
  greeting_.connection_id = text_of(hello.metadata, "connection_id");
  if (const Value* hints = find(hello.metadata, "hints"); hints != nullptr) {
    if (const auto* map = hints->as<Map>(); map != nullptr)
      greeting_.receive_timeout_s = number_of(*map, "connection.recv_timeout_seconds");
  }
  if (const Value* patches = find(hello.metadata, "patch_bolt"); patches != nullptr) {
    const auto* list = patches->as<List>();
    if (list != nullptr && !list->empty() && list->front() == Value(std::string("utc")))
      greeting_.dialect.utc = true;
  }
  if (open_requests_ == 0) return {};
  ASSIGN_OR_RETURN(const Answer logon, receive(nullptr, patience));
  if (logon.kind == Answer::Kind::failure) return error_of(logon.metadata);
  if (logon.kind != Answer::Kind::success) return protocol_broken();
  return {};
}

PackWriter Connection::begin(uint8_t tag, size_t fields) {
  PackWriter out(out_, greeting_.dialect);
  out.structure(tag, fields);
  return out;
}

Status Connection::end(const PackWriter& request, bool answered) {
  if (const Status status = request.status(); !status.ok()) {
    out_.drop_message();
    return status.error();
  }
  out_.end_message();
  if (answered) ++open_requests_;
  return {};
}

Status Connection::send(const Patience& patience) {
  const Status sent = transport_->write(out_.bytes(), patience);
  out_.clear();
  // Half a message may be on its way: nothing can follow it.
  if (!sent.ok()) alive_ = false;
  return sent;
}

Result<std::string_view> Connection::receive_message(const Patience& patience) {
  for (;;) {
    if (patience.cancel != nullptr && patience.cancel->load())
      return make_error(ErrorKind::interrupted, "talking to the graph was cancelled");
    ASSIGN_OR_RETURN(const std::string_view message, in_.next());
    if (!message.empty()) return message;
    ASSIGN_OR_RETURN(const size_t got, transport_->read(in_.room(read_bytes), read_bytes, patience));
    in_.received(got);
  }
}

Result<Answer> Connection::receive(std::vector<Value>* row, const Patience& patience) {
  CHECK(open_requests_ > 0);
  const auto message = receive_message(patience);
  if (!message.ok()) {
    if (message.error().kind != ErrorKind::interrupted) alive_ = false;
    return message.error();
  }
  auto answer = read_answer(*message, row);
  if (!answer.ok()) {
    alive_ = false;
  } else if (answer->kind != Answer::Kind::record) {
    --open_requests_;
  }
  return answer;
}

Status Connection::read_row(PackReader& in, std::vector<Value>& row) const {
  ASSIGN_OR_RETURN(const size_t size, in.list());
  if (size > limits_.decode.values_max) return protocol_broken();
  row.resize(size);
  for (Value& value : row)
    RETURN_IF_ERROR(in.value_into(value));
  return {};
}

Result<Answer> Connection::read_answer(std::string_view message, std::vector<Value>* row) {
  PackReader in(message, greeting_.dialect, limits_.decode);
  ASSIGN_OR_RETURN(const PackReader::Structure head, in.structure());
  Answer answer;
  switch (head.tag) {
    case summary::record:
      answer.kind = Answer::Kind::record;
      if (head.fields != 1) return protocol_broken();
      if (row == nullptr) return answer;
      RETURN_IF_ERROR(read_row(in, *row));
      break;
    case summary::success:
    case summary::failure: {
      answer.kind = head.tag == summary::success ? Answer::Kind::success : Answer::Kind::failure;
      if (head.fields != 1) return protocol_broken();
      ASSIGN_OR_RETURN(Value metadata, in.value());
      auto* map = std::get_if<Map>(&metadata.data);
      if (map == nullptr) return protocol_broken();
      answer.metadata = std::move(*map);
      break;
    }
    case summary::ignored:
      answer.kind = Answer::Kind::ignored;
      break;
    default:
      return protocol_broken();
  }
  // Behind IGNORED a server may put what it likes; it says nothing.
  if (!in.at_end() && answer.kind != Answer::Kind::ignored) return protocol_broken();
  return answer;
}

}  // namespace godwit::bolt
