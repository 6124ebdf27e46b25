// libpq, loaded with the first connection or URL (base/dynamic/shared_library.h). Private to src/pg; the only
// way to its functions.
#pragma once

#include "base/dynamic/shared_library.h"
#include "base/result.h"

#include <libpq-fe.h>

namespace godwit::pg {

// clang-format off
#define GODWIT_LIBPQ_FUNCTIONS(FUNCTION) \
  FUNCTION(PQbackendPID) FUNCTION(PQcancel) FUNCTION(PQclear) FUNCTION(PQcmdTuples) \
  FUNCTION(PQconndefaults) FUNCTION(PQconnectPoll) FUNCTION(PQconnectStartParams) \
  FUNCTION(PQconnectionNeedsPassword) FUNCTION(PQconninfoFree) FUNCTION(PQconninfoParse) \
  FUNCTION(PQconsumeInput) FUNCTION(PQenterPipelineMode) FUNCTION(PQerrorMessage) \
  FUNCTION(PQexitPipelineMode) FUNCTION(PQfinish) FUNCTION(PQflush) FUNCTION(PQfreeCancel) \
  FUNCTION(PQfreemem) FUNCTION(PQgetCancel) FUNCTION(PQgetCopyData) FUNCTION(PQgetResult) \
  FUNCTION(PQgetisnull) FUNCTION(PQgetlength) FUNCTION(PQgetvalue) FUNCTION(PQhost) \
  FUNCTION(PQisBusy) FUNCTION(PQnfields) FUNCTION(PQntuples) FUNCTION(PQpipelineSync) \
  FUNCTION(PQputCopyData) FUNCTION(PQputCopyEnd) FUNCTION(PQresultErrorField) \
  FUNCTION(PQresultStatus) FUNCTION(PQsendQuery) FUNCTION(PQsendQueryParams) \
  FUNCTION(PQsetErrorVerbosity) FUNCTION(PQsetNoticeProcessor) FUNCTION(PQsetnonblocking) \
  FUNCTION(PQsocket) FUNCTION(PQsslInUse) FUNCTION(PQstatus) FUNCTION(PQtransactionStatus)
// clang-format on

// Named as in libpq-fe.h; same signatures.
struct Libpq {
  GODWIT_LIBPQ_FUNCTIONS(GODWIT_LIBRARY_POINTER)
  // Use load_once<Libpq>(). ErrorKind::config when the library is not there.
  [[nodiscard]] static Result<Libpq> load();
};

// After load_once<Libpq>() succeeded.
[[nodiscard]] inline const Libpq& libpq() {
  return loaded<Libpq>();
}

}  // namespace godwit::pg
