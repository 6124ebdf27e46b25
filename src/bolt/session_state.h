// What a Session, its Cursor and its Transaction share. Private to this folder.
#pragma once

#include "base/result.h"
#include "bolt/link/connection.h"
#include "bolt/session.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::bolt {

struct SessionState {
  std::unique_ptr<Connection> connection;
  ConnectOptions options;  // without the password
  const std::atomic<bool>* cancel = nullptr;
  std::vector<std::string> bookmarks;
  std::optional<Refusal> refusal;
  bool in_transaction = false;
  bool streaming = false;  // a Cursor has rows left
  bool failed = false;     // the server takes nothing but RESET
  bool reset_sent = false;

  [[nodiscard]] Patience patience() const;
  // For what must end once it has begun.
  [[nodiscard]] Patience resolute() const;
  // Before a statement or a transaction is begun.
  [[nodiscard]] Status ready();
  // One answer; what it means for the state is taken note of. With a Row or without.
  [[nodiscard]] Result<Answer> receive(std::vector<Value>* row, const Patience& how);
  // Tells the server to stop what it does. Does not wait.
  void interrupt();
  // Back to a state in which statements can be begun; in a transaction that is its end.
  [[nodiscard]] Status recover();
  // BEGIN's and RUN's extra dictionary.
  void write_extra(PackWriter& out) const;
  void note_bookmark(const std::string& bookmark);
};

}  // namespace godwit::bolt
