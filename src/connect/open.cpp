#include "connect/open.h"

#include "connect/postgres/sink.h"
#include "connect/postgres/source.h"
#include "connect/sqlite/sink.h"
#include "connect/sqlite/source.h"

#include <fmt/format.h>

namespace godwit::connect {

namespace {

Error unknown_kind(const StoreEndpoint& endpoint) {
  Error error =
      make_error(ErrorKind::config,
                 fmt::format("store {} is of kind {}, which cannot be moved", endpoint.store, endpoint.kind),
                 "kinds are: postgres, sqlite");
  error.where = endpoint.where;
  return error;
}

}  // namespace

Result<std::unique_ptr<Source>> open_source(const StoreEndpoint& endpoint, const Clock& clock,
                                            const std::atomic<bool>* cancel, StreamTimes* streams) {
  if (endpoint.kind == "postgres") return postgres::open_source(endpoint, cancel, streams);
  if (endpoint.kind == "sqlite") return open_sqlite_source(endpoint, clock, cancel);
  return unknown_kind(endpoint);
}

Result<std::unique_ptr<Sink>> open_sink(const StoreEndpoint& endpoint, const Clock& clock,
                                        const std::atomic<bool>* cancel, StreamTimes* streams) {
  if (endpoint.kind == "postgres") return postgres::open_sink(endpoint, clock, cancel, streams);
  if (endpoint.kind == "sqlite") return open_sqlite_sink(endpoint, clock, cancel);
  return unknown_kind(endpoint);
}

}  // namespace godwit::connect
