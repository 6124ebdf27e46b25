// Where a connection goes, as libpq's parameters and as the environment of its programs (documentation,
// "Environment Variables").
#pragma once

#include "base/result.h"
#include "pg/session.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace godwit::pg {

// By libpq's keyword; the password is among them. ErrorKind::config: the URL cannot be read.
using Options = std::map<std::string, std::string>;
[[nodiscard]] Result<Options> connection_options(const ConnectOptions& given);

// PGHOST, PGPASSWORD … for pg_dump and its kin: what they need to reach the same server, without a word of it
// on a command line. Holds the password: it goes nowhere but into the environment of a child.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> connection_variables(
    const ConnectOptions& given);

}  // namespace godwit::pg
