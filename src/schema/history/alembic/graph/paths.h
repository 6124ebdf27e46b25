// From the rows of a database to a target: which revisions are to be applied or undone, and in which order.
#pragma once

#include "base/result.h"
#include "schema/history/alembic/graph/graph.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

// Everything the target needs, dependencies too, that the rows do not stand for; oldest first. A target that
// is applied already needs nothing. Errors: usage, plan_refused ("Ambiguous walk" …), in Alembic's words.
[[nodiscard]] Result<std::vector<Graph::Node>> upgrade_path(const Graph& graph,
                                                            const std::vector<std::string>& rows,
                                                            std::string_view target);

// Everything applied that comes after the target or depends on it; newest first. One difference from Alembic:
// a walk down from several rows ("-1") takes the row that the database happens to answer first there, with a
// warning; here it is refused.
[[nodiscard]] Result<std::vector<Graph::Node>> downgrade_path(const Graph& graph,
                                                              const std::vector<std::string>& rows,
                                                              std::string_view target);

// What the rows stand for: themselves and everything below, newest first.
[[nodiscard]] Result<std::vector<Graph::Node>> active(const Graph& graph,
                                                      const std::vector<std::string>& rows);

}  // namespace godwit::schema::alembic
