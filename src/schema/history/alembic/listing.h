// What Alembic's `heads`, `current` and `history` print, line by line.
#pragma once

#include "base/result.h"
#include "schema/history/alembic/graph/graph.h"
#include "schema/history/history.h"

#include <string>
#include <vector>

namespace godwit::schema::alembic {

// As the tool prints them, apart from two things: paths are those of the folder, and what Alembic lists in
// the order of a Python set (labels, "Branches into", several current heads) stands in the order of the
// files.
[[nodiscard]] Result<std::vector<std::string>> listing(const Graph& graph,
                                                       const std::vector<std::string>& rows, Listing what,
                                                       bool verbose);

}  // namespace godwit::schema::alembic
