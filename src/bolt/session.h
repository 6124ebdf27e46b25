// Session: one connection to a Neo4j server over Bolt; statements, streams of rows, transactions, bookmarks.
//
// One thread at a time. Operating errors are Results (errors.h says which kinds); none carries a value of the
// graph or a password. One instance is spoken to: no routing table is fetched, for neo4j:// neither.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "bolt/value.h"
#include "bolt/wire/packstream.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace godwit::bolt {

struct SessionState;

struct ConnectOptions {
  std::string url;   // address.h says which; holds neither user nor password
  std::string user;  // empty: the server asks for none
  Secret password;
  std::string database;              // empty = the account's home database
  std::string tls_root_certificate;  // for the schemes with +s; empty = the system's authorities
  int connect_timeout_s = 10;
  int64_t transaction_timeout_ms = 0;  // the server ends what takes longer; 0 = its own setting
  bool read_only = false;              // every transaction is one for reading; the server refuses writes
  int64_t fetch_rows = 2000;           // rows asked for at a time; the server holds the rest back
  size_t message_bytes_max = size_t{128} << 20;  // one row, at most
  std::string application_name = "godwit";
  const std::atomic<bool>* cancel = nullptr;  // the session's cancel flag from the first byte on
};

struct ConnectionFacts {
  std::string address;  // "graph.example:7687"
  bool encrypted = false;
  bool verified = false;  // encrypted, and the server's certificate was checked
  std::string server;     // "Neo4j/5.26.12"
  int bolt_major = 0, bolt_minor = 0;
  bool utc = true;  // zoned date-times come as instants (value.h)
};

// What the server said of the statement that failed. Its text may quote values: whoever shows it decides.
struct Refusal {
  std::string code;  // "Neo.ClientError.Schema.ConstraintValidationFailed"
  std::string text;
};

// What a finished statement did.
struct Summary {
  Map counters;          // "nodes-created" and so on, only those above zero; names as the server gives them
  std::string type;      // r, w, rw or s (schema)
  std::string bookmark;  // of the auto-commit transaction; empty inside a transaction
  // 0 when the server did not count it.
  [[nodiscard]] int64_t counter(std::string_view name) const;
};

// A statement's parameters: a Map, or a function that writes exactly one whole map, which saves building one
// for large batches (UNWIND $rows): what it writes goes into the frames that are sent, copied once.
class Parameters {
 public:
  Parameters() = default;
  Parameters(Map map) : map_(std::move(map)) {}       // NOLINT(google-explicit-constructor)
  Parameters(std::function<void(PackWriter&)> write)  // NOLINT(google-explicit-constructor)
      : write_(std::move(write)) {}
  void write(PackWriter& out) const;

 private:
  Map map_;
  std::function<void(PackWriter&)> write_;
};

// The rows of one statement, as they come: at most `fetch_rows` are on their way, one is held. Must not
// outlive its Session. While it has rows left the session takes no other statement; one that goes before its
// end is broken off at the server: outside a transaction nothing of the statement stays, inside one the
// transaction has failed.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  // False when there are no more; `row` then is as it was. `row` is refilled, not grown. After an error: the
  // same error again.
  [[nodiscard]] Result<bool> next(std::vector<Value>& row);
  // Without the rows that are left.
  [[nodiscard]] Result<Summary> finish();

 private:
  friend class Session;
  Cursor(SessionState& state, std::vector<std::string> fields) : state_(&state), fields_(std::move(fields)) {}
  [[nodiscard]] Result<bool> step(std::vector<Value>& row);

  SessionState* state_;
  std::vector<std::string> fields_;
  Summary summary_;
  bool ended_ = false;
  std::optional<Error> broken_;
};

struct Rows {
  std::vector<std::string> fields;
  std::vector<std::vector<Value>> rows;
  Summary summary;
};

// An explicit transaction; the session's statements belong to it until it ends. Rolls back when it goes
// unless it was committed. Must not outlive its Session.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // The bookmark of what was committed. ErrorKind::in_doubt when the answer to COMMIT did not arrive, or says
  // itself that nobody knows; else the transaction was rolled back. The cancel flag is not looked at.
  [[nodiscard]] Result<std::string> commit();
  void rollback() noexcept;

 private:
  friend class Session;
  explicit Transaction(SessionState& state) : state_(&state) {}
  SessionState* state_;
};

class Session {
 public:
  // Errors: config (the address, the authorities' file), unreachable, credentials, interrupted, failed (no
  // common Bolt version).
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const ConnectOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // One statement, its rows as a stream. Outside a transaction it is one of its own, committed when its last
  // row has come; whether that happened is unknown when the connection is lost (unreachable): writes that
  // must be known belong into a Transaction.
  [[nodiscard]] Result<Cursor> run(const std::string& cypher, const Parameters& parameters = {});
  // The same, its rows held in memory: for counts, names and metadata.
  [[nodiscard]] Result<Rows> query(const std::string& cypher, const Parameters& parameters = {});
  // The same, its rows thrown away at the server.
  [[nodiscard]] Result<Summary> execute(const std::string& cypher, const Parameters& parameters = {});

  // ErrorKind::failed inside a transaction: there is one at a time.
  [[nodiscard]] Result<Transaction> begin();

  // What is begun from now on sees what these stand for, and waits for it. Each commit of this session takes
  // the place of what stood here.
  void set_bookmarks(std::vector<std::string> bookmarks);
  [[nodiscard]] const std::vector<std::string>& bookmarks() const;

  // Of the last statement that the server refused.
  [[nodiscard]] const std::optional<Refusal>& last_refusal() const;

  // As for pg::Session: when set, what is under way stops with ErrorKind::interrupted soon after *flag
  // becomes true, the server is told to break off, and nothing is begun after that. The session can be used
  // again when the flag is false or another.
  void set_cancel_flag(const std::atomic<bool>* flag);

  [[nodiscard]] const ConnectionFacts& facts() const { return facts_; }
  // False after the connection broke: nothing more can be done with it.
  [[nodiscard]] bool alive() const;
  // True inside a transaction, failed or not.
  [[nodiscard]] bool in_transaction() const;

 private:
  Session();
  [[nodiscard]] Result<std::vector<std::string>> start(const std::string& cypher,
                                                       const Parameters& parameters, bool discard);
  std::unique_ptr<SessionState> state_;
  ConnectionFacts facts_;
};

}  // namespace godwit::bolt
