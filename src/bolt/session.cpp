#include "bolt/session.h"

#include "bolt/errors.h"
#include "bolt/session_state.h"

namespace godwit::bolt {
namespace {

Error unexpected() {
  return make_error(ErrorKind::failed, "the graph's answer does not fit the question");
}

// Sends the requests that are written; the first of them must be granted.
Result<Answer> begun(SessionState& state) {
  if (const Status sent = state.connection->send(state.patience()); !sent.ok()) {
    state.failed = true;
    return sent.error();
  }
  ASSIGN_OR_RETURN(Answer answer, state.receive(nullptr, state.patience()));
  if (answer.kind == Answer::Kind::failure) return error_of(answer.metadata);
  if (answer.kind != Answer::Kind::success) {
    state.interrupt();
    return unexpected();
  }
  return answer;
}

std::vector<std::string> texts_of(const Map& map, std::string_view key) {
  std::vector<std::string> out;
  const Value* value = find(map, key);
  const auto* list = value == nullptr ? nullptr : value->as<List>();
  if (list == nullptr) return out;
  for (const Value& item : *list) {
    if (const auto* text = item.as<std::string>(); text != nullptr) out.push_back(*text);
  }
  return out;
}

void write_fetch(PackWriter& out, int64_t rows) {
  out.map(1);
  out.text("n");
  out.integer(rows);
}

}  // namespace

void Parameters::write(PackWriter& out) const {
  if (write_) {
    write_(out);
    return;
  }
  out.map(map_.size());
  for (const auto& [name, value] : map_) {
    out.text(name);
    out.value(value);
  }
}

Session::Session() : state_(std::make_unique<SessionState>()) {}

Session::~Session() {
  if (state_->connection == nullptr || !state_->connection->alive()) return;
  constexpr int64_t farewell_timeout_ms = 1000;
  const PackWriter goodbye = state_->connection->begin(request::goodbye, 0);
  Status sent = state_->connection->end(goodbye, false);
  if (sent.ok()) sent = state_->connection->send({farewell_timeout_ms, nullptr});
  static_cast<void>(sent);  // it is polite, and nothing depends on it
}

Result<std::unique_ptr<Session>> Session::open(const ConnectOptions& options) {
  ASSIGN_OR_RETURN(const Address address, parse_address(options.url));
  std::unique_ptr<Session> session(new Session());
  SessionState& state = *session->state_;
  state.options = options;
  state.options.password = Secret();
  state.cancel = options.cancel;
  const Patience patience{int64_t{options.connect_timeout_s} * 1000, options.cancel};
  ASSIGN_OR_RETURN(auto transport, Transport::connect(address, options.tls_root_certificate, patience));
  Connection::Limits limits;
  limits.message_bytes_max = options.message_bytes_max;
  auto connection = Connection::greet(
      std::move(transport), {options.user, options.password, options.application_name}, limits, patience);
  if (!connection.ok()) return wrap(connection.error(), "no session with " + address.shown());
  state.connection = std::move(*connection);
  const Greeting& greeting = state.connection->greeting();
  session->facts_ = {address.shown(),
                     address.encryption != Encryption::none,
                     address.encryption == Encryption::verified,
                     greeting.server,
                     greeting.version.major,
                     greeting.version.minor,
                     greeting.dialect.utc};
  return session;
}

Result<std::vector<std::string>> Session::start(const std::string& cypher, const Parameters& parameters,
                                                bool discard) {
  SessionState& state = *state_;
  RETURN_IF_ERROR(state.ready());
  state.refusal.reset();
  PackWriter run = state.connection->begin(request::run, 3);
  run.text(cypher);
  parameters.write(run);
  if (state.in_transaction) {
    run.map(0);
  } else {
    state.write_extra(run);
  }
  RETURN_IF_ERROR(state.connection->end(run));
  // Together with the first rows: one round trip.
  PackWriter fetch = state.connection->begin(discard ? request::discard : request::pull, 1);
  write_fetch(fetch, discard ? -1 : state.options.fetch_rows);
  RETURN_IF_ERROR(state.connection->end(fetch));
  ASSIGN_OR_RETURN(const Answer answer, begun(state));
  state.streaming = true;
  return texts_of(answer.metadata, "fields");
}

Result<Cursor> Session::run(const std::string& cypher, const Parameters& parameters) {
  ASSIGN_OR_RETURN(std::vector<std::string> fields, start(cypher, parameters, false));
  return Cursor(*state_, std::move(fields));
}

Result<Rows> Session::query(const std::string& cypher, const Parameters& parameters) {
  ASSIGN_OR_RETURN(Cursor cursor, run(cypher, parameters));
  Rows out;
  out.fields = cursor.fields();
  for (;;) {
    std::vector<Value> row;
    ASSIGN_OR_RETURN(const bool more, cursor.next(row));
    if (!more) break;
    out.rows.push_back(std::move(row));
  }
  ASSIGN_OR_RETURN(out.summary, cursor.finish());
  return out;
}

Result<Summary> Session::execute(const std::string& cypher, const Parameters& parameters) {
  ASSIGN_OR_RETURN(std::vector<std::string> fields, start(cypher, parameters, true));
  return Cursor(*state_, std::move(fields)).finish();
}

Result<Transaction> Session::begin() {
  SessionState& state = *state_;
  RETURN_IF_ERROR(state.ready());
  if (state.in_transaction) return make_error(ErrorKind::failed, "a transaction is open already");
  state.refusal.reset();
  PackWriter begin = state.connection->begin(request::begin, 1);
  state.write_extra(begin);
  RETURN_IF_ERROR(state.connection->end(begin));
  RETURN_IF_ERROR(begun(state));
  state.in_transaction = true;
  return Transaction(state);
}

void Session::set_bookmarks(std::vector<std::string> bookmarks) {
  state_->bookmarks = std::move(bookmarks);
}
const std::vector<std::string>& Session::bookmarks() const {
  return state_->bookmarks;
}
const std::optional<Refusal>& Session::last_refusal() const {
  return state_->refusal;
}
void Session::set_cancel_flag(const std::atomic<bool>* flag) {
  state_->cancel = flag;
}
bool Session::alive() const {
  return state_->connection->alive();
}
bool Session::in_transaction() const {
  return state_->in_transaction;
}

}  // namespace godwit::bolt
