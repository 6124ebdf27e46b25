// Session: one connection to a PostgreSQL server, with settings pinned so that values have one text form.
//
// One thread at a time. Operating errors are Results (errors.h says which kinds); none carries a value of a
// row.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "model/stream_times.h"
#include "pg/copy.h"
#include "pg/rows.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::pg {

struct SessionState;

enum class TlsMode : uint8_t { verify_full, verify_ca, require, prefer, disable };

struct ConnectOptions {
  // Either a URL (may hold a password) or fields. Fields that are given win over the URL's, except that an
  // sslmode or sslrootcert inside the URL is taken as said.
  Secret url;
  std::string host;
  int port = 0;  // 0 = the URL's, else 5432
  std::string database;
  std::string user;
  Secret password;
  TlsMode tls = TlsMode::verify_full;
  std::string tls_root_certificate;  // empty = the distribution's bundle of authorities
  std::string tls_certificate, tls_key;
  int connect_timeout_s = 10;
  int64_t lock_timeout_ms = 0;  // 0 = wait for ever
  int64_t statement_timeout_ms = 0;
  bool read_only = false;  // default_transaction_read_only for this session
  // false: the session keeps the account's own settings (search_path, TimeZone …), as psql would; the
  // timeouts above and read_only are not set then.
  bool pinned = true;
  std::string application_name = "godwit";
  const std::atomic<bool>* cancel = nullptr;  // the session's cancel flag from the first byte on
  StreamTimes* streams = nullptr;             // counts its copies; outlives the session
};

// What a connection turned out to be, for notes in the plan and the report.
struct ConnectionFacts {
  std::string host;
  std::string database;
  std::string user;
  bool unix_socket = false;
  bool encrypted = false;
  std::string sslmode;     // as used
  bool pooled = false;     // the backend that answers is not the one that greeted: a pooler stands between
  int server_version = 0;  // 150004
  std::string server_version_text;
};

// What the server said of the statement that failed, for scripts that a person wrote: its words may quote
// rows, so whoever shows them decides by may_quote_values.
struct ServerMessage {
  std::string sqlstate;
  std::string text;              // the primary message
  bool may_quote_values = true;  // false: messages of this SQLSTATE name things only
  int64_t position = 0;          // of a character in the text that was sent, from 1; 0 = not said
  size_t statements_before = 0;  // of the text that was sent: how many had succeeded
};

// The value of $1, $2, …; nullopt is NULL. Sent as text.
using Parameter = std::optional<std::string>;

class Session {
 public:
  // Errors: unreachable, credentials, config (a URL that cannot be read). The password is in none of them.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const ConnectOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // One statement. Its rows are held in memory: for counts, names and metadata.
  [[nodiscard]] Result<Rows> query(const std::string& sql, const std::vector<Parameter>& parameters = {});
  // Each as query() would, all in one round trip. A refused one does not touch the others; the outer Error is
  // that of the connection.
  [[nodiscard]] Result<std::vector<Result<Rows>>> query_together(const std::vector<std::string>& statements);
  // The same, for the number of affected rows.
  [[nodiscard]] Result<int64_t> execute(const std::string& sql,
                                        const std::vector<Parameter>& parameters = {});
  // One or more statements without parameters, separated by semicolons.
  [[nodiscard]] Status run(const std::string& sql);

  // "COPY (…) TO STDOUT …". The session takes no other statement until the CopyOut has ended or is gone.
  [[nodiscard]] Result<CopyOut> copy_out(const std::string& sql);
  // "COPY … FROM STDIN …". The same.
  [[nodiscard]] Result<CopyIn> copy_in(const std::string& sql);

  // Of the last query, execute or run that the server refused.
  [[nodiscard]] const std::optional<ServerMessage>& last_refusal() const;

  // When set, statements and copies stop with ErrorKind::interrupted soon after *flag becomes true, and none
  // is begun after that. The flag must outlive the session or be replaced by nullptr.
  void set_cancel_flag(const std::atomic<bool>* flag);

  [[nodiscard]] const ConnectionFacts& facts() const { return facts_; }
  [[nodiscard]] int backend_pid() const;
  // False after the connection broke: nothing more can be done with it.
  [[nodiscard]] bool alive() const;
  // True inside a transaction block, failed or not.
  [[nodiscard]] bool in_transaction() const;

 private:
  friend class Connecting;
  friend class CancelPause;
  Session();
  // Before a statement is sent: the connection stands and nobody asked to stop.
  [[nodiscard]] Status ready() const;
  std::shared_ptr<SessionState> state_;
  ConnectionFacts facts_;
};

// While it lives, the session does not look at its cancel flag: for what must end once it has begun.
class CancelPause {
 public:
  explicit CancelPause(Session& session);
  CancelPause(const CancelPause&) = delete;
  CancelPause& operator=(const CancelPause&) = delete;
  ~CancelPause();

 private:
  Session& session_;
  const std::atomic<bool>* flag_;
};

}  // namespace godwit::pg
