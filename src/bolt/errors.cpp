#include "bolt/errors.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace godwit::bolt {
namespace {

constexpr size_t code_bytes_max = 120;

struct Entry {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view check_login = "check user and password of this store";
constexpr std::string_view lock_hint = "another session holds the lock; try again when it is done";
constexpr std::string_view timeout_hint = "raise the time that a transaction of this store may take";
constexpr std::string_view read_only_hint =
    "the server or the account is read-only; write to another environment";

// Codes that a person meets; then the prefixes. The first that fits counts.
constexpr std::array codes = {
    Entry{"Neo.ClientError.Security.AuthorizationExpired", ErrorKind::unreachable, "connect again"},
    Entry{"Neo.ClientError.Security.CredentialsExpired", ErrorKind::credentials,
          "the account must change its password first"},
    Entry{"Neo.ClientError.Security.AuthenticationRateLimit", ErrorKind::credentials,
          "too many wrong passwords: wait a little, then check user and password of this store"},
    Entry{"Neo.ClientError.Security.Forbidden", ErrorKind::credentials,
          "grant the account the missing privilege, or configure another account"},
    Entry{"Neo.ClientError.Security.", ErrorKind::credentials, check_login},
    Entry{"Neo.ClientError.Database.DatabaseNotFound", ErrorKind::unreachable,
          "check the database name of this store"},
    Entry{"Neo.ClientError.Cluster.NotALeader", ErrorKind::unreachable,
          "this member of a cluster takes no writes now: give the address of the leader"},
    Entry{"Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", ErrorKind::gate, read_only_hint},
    Entry{"Neo.ClientError.General.WriteOnReadOnlyAccessDatabase", ErrorKind::gate, read_only_hint},
    Entry{"Neo.ClientError.Statement.AccessMode", ErrorKind::gate, "the session was opened for reading"},
    Entry{"Neo.ClientError.Transaction.TransactionTimedOut", ErrorKind::failed, timeout_hint},
    Entry{"Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", ErrorKind::failed,
          timeout_hint},
    // Old servers call these transient; trying again does not help a transaction that was told to end.
    Entry{"Neo.TransientError.Transaction.Terminated", ErrorKind::failed, ""},
    Entry{"Neo.TransientError.Transaction.LockClientStopped", ErrorKind::failed, ""},
    Entry{"Neo.TransientError.Transaction.DeadlockDetected", ErrorKind::locked, lock_hint},
    Entry{"Neo.TransientError.Transaction.LockAcquisitionTimeout", ErrorKind::locked, lock_hint},
    Entry{"Neo.TransientError.General.MemoryPoolOutOfMemoryError", ErrorKind::unreachable,
          "the server's memory for transactions is used up: smaller batches, or more memory there"},
    Entry{"Neo.TransientError.General.OutOfMemoryError", ErrorKind::unreachable,
          "the server's memory is used up: smaller batches, or more memory there"},
    Entry{"Neo.TransientError.", ErrorKind::unreachable, "the server is busy or restarting; try again"},
    Entry{"Neo.DatabaseError.", ErrorKind::failed, "look into the server's log: it says what the server met"},
};

const Entry* entry_of(std::string_view code) {
  const auto* const found = std::find_if(codes.begin(), codes.end(), [code](const Entry& entry) {
    return entry.code.ends_with('.') ? code.starts_with(entry.code) : code == entry.code;
  });
  return found == codes.end() ? nullptr : found;
}

// A hostile server's code is no way into a terminal or a log.
std::string printable(std::string_view code) {
  std::string out;
  for (const char c : code.substr(0, code_bytes_max)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_') out += c;
  }
  return out.empty() ? "no code" : out;
}

// The digits behind `word`; empty when there are none.
std::string_view number_behind(std::string_view text, std::string_view word) {
  const size_t begin = text.find(word);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + word.size());
  constexpr size_t digits_max = 9;
  const size_t end = text.find_first_not_of("0123456789");
  return text.substr(0, std::min(end, digits_max));
}

std::string position_in(std::string_view server_message) {
  const std::string_view line = number_behind(server_message, "(line ");
  const std::string_view column = number_behind(server_message, ", column ");
  if (line.empty() || column.empty()) return "";
  return " at line " + std::string(line) + ", column " + std::string(column);
}

}  // namespace

ErrorKind kind_of(std::string_view code) {
  const Entry* entry = entry_of(code);
  return entry == nullptr ? ErrorKind::failed : entry->kind;
}

Error error_from(std::string_view code, std::string_view server_message) {
  const Entry* entry = entry_of(code);
  std::string message = "the graph refused: " + printable(code);
  // Only there does the text in parentheses come from the parser and not from a value.
  if (code == "Neo.ClientError.Statement.SyntaxError") message += position_in(server_message);
  return make_error(kind_of(code), std::move(message), entry == nullptr ? "" : std::string(entry->hint));
}

Error connection_lost() {
  return make_error(ErrorKind::unreachable, "the connection to the graph was lost",
                    "check that the server runs and the network holds; then resume");
}

}  // namespace godwit::bolt
