// One file of Alembic's versions folder, read without running it: the four variables that place a revision in
// the graph, and the docstring that names it.
#pragma once

#include "base/result.h"
#include "schema/history/alembic/graph/graph.h"
#include "schema/migration.h"

#include <string>
#include <string_view>

namespace godwit::schema::alembic {

// Whether Alembic loads a file of that name: "*.py", but not "__init__…" nor an editor's ".#…".
[[nodiscard]] bool is_revision_file(std::string_view file_name);

// Reads `revision`, `down_revision`, `branch_labels` and `depends_on`: assignments at the top level,
// annotated or not, of None, a string, or a tuple, list or set of strings; the last one counts. A file
// without `revision` is named by its file name, when that is hexadecimal (Alembic 0.1). ErrorKind::config
// with file, line and column for what only Python itself could work out.
[[nodiscard]] Result<Revision> read_revision_file(const MigrationFile& file);

// The docstring's first paragraph.
[[nodiscard]] std::string short_doc(const Revision& revision);

}  // namespace godwit::schema::alembic
