// alembic.ini, as far as godwit needs it to go on in Alembic's place: where the revisions lie, how new ones
// are named, and which database they are for. What it does not say, [tool.alembic] of pyproject.toml may.
//
// The file is that of Python's ConfigParser: sections, "key = value" or "key: value", continuation lines that
// are indented, whole-line comments with # or ;, %(name)s and %% in values.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

struct AlembicIni {
  std::string script_location;  // holds env.py
  // Folders of revisions; script_location/versions where the file names none.
  std::vector<std::string> version_locations;
  std::string file_template;  // %(rev)s_%(slug)s …; empty = Alembic's own
  int slug_length_max = 0;    // 0 = Alembic's own
  bool recursive = false;     // recursive_version_locations
  Secret url;                 // sqlalchemy.url; may hold a password; empty = env.py says it
  SourceLocation url_at;
};

// One of [tool.alembic], from pyproject.toml: %(here)s and %% stand in its values too.
struct PyprojectOption {
  std::string key;
  std::vector<std::string> items;  // of an array, or the one value
  SourceLocation where;
};

// `path`: for errors. `here`: the absolute folder of the file, for %(here)s; locations come out as they are
// written, so relative ones count from where Alembic would be started. `section`: "alembic" unless -n says
// otherwise. `below`: options that count where the section has none of that name; with them the section may
// be missing. ErrorKind::config with file, line and column.
[[nodiscard]] Result<AlembicIni> read_alembic_ini(std::string_view text, const std::string& path,
                                                  const std::string& here,
                                                  std::string_view section = "alembic",
                                                  const std::vector<PyprojectOption>& below = {});

}  // namespace godwit::schema::alembic
