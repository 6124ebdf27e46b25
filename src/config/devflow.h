// devflow.yml, read as it stands in place of a godwit.yml: `project.name`, `database.migrations` and
// `database.environments`. Everything else in it is devflow's own business, known keys or not.
#pragma once

#include "base/result.h"
#include "config/settings.h"

#include <string_view>

namespace godwit {

// By its name: devflow.yml, devflow.yaml, devflow.staging.yml.
[[nodiscard]] bool is_devflow_file(std::string_view path);

// One database, "app". `format: sql` is devflow's own history, `format: supabase` and `use_supabase_cli` that
// of the Supabase CLI. An environment with `url_env` has the URL of that variable, else one with `url_secret`
// that of /run/secrets/NAME; one with neither has no address, which is found when it is asked for.
// ErrorKind::config with file:line:column.
[[nodiscard]] Result<Settings> parse_devflow(std::string_view yaml, const std::string& file);

}  // namespace godwit
