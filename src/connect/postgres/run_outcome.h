// What a target holds of a run: marker rows, prepared transactions, the server's word on a transaction id.
// And the second half of two-phase commit, which any process may do.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "pg/session.h"

#include <set>
#include <string>

namespace godwit::connect::postgres {

// The name of a prepared transaction: "godwit:RUN:STORE", of connection `lane` of several with "#LANE/LANES"
// behind it. ErrorKind::failed when it would be too long.
[[nodiscard]] Result<std::string> prepared_name(const std::string& run, const std::string& store,
                                                int lane = 0, int lanes = 1);

// The connections of a run whose transactions are committed, or wait prepared.
struct RunTraces {
  bool undone = false;
  int lanes = 1;
  std::set<int> committed, waiting;

  [[nodiscard]] std::set<int> missing() const;
};
[[nodiscard]] Result<RunTraces> run_traces(pg::Session& session, const std::string& run,
                                           const std::string& store);

// What is still to load of a run that is half_committed: how it was divided, and the connections whose
// transactions are gone. ErrorKind::in_doubt when the target does not say.
[[nodiscard]] Result<Spread> missing_part(pg::Session& session, const std::string& run,
                                          const std::string& store);

// As Sink::outcome.
[[nodiscard]] Result<RunOutcome> run_outcome(pg::Session& session, const std::string& run,
                                             const std::string& store, const std::string& transaction_ids);
// Whatever waits, the first connection's before the others'; Spread::reached is told of each of several.
// Fails when nothing waits and nothing is committed.
[[nodiscard]] Status commit_waiting(pg::Session& session, const std::string& run, const std::string& store,
                                    const std::function<void(const char* step, int lane)>& reached);
[[nodiscard]] Status rollback_waiting(pg::Session& session, const std::string& run, const std::string& store);

}  // namespace godwit::connect::postgres
