// goose: VERSION_name.sql with "-- +goose Up" and "-- +goose Down"; table goose_db_version, one row per
// migration, version 0 for the empty database.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_goose_history(const HistoryOptions& options);

}  // namespace godwit::schema
