#pragma once

#include "schema/database/database.h"

namespace godwit::schema {

[[nodiscard]] Result<std::unique_ptr<Database>> open_postgres_database(const StoreEndpoint& endpoint,
                                                                       const std::atomic<bool>* cancel);

}  // namespace godwit::schema
