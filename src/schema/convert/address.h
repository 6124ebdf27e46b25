// Addresses of databases as other tools write them, as those of godwit.yml. A password is never copied: a
// reference stands in its place.
#pragma once

#include "config/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

// "postgresql://user:password@host:port/database?sslmode=require", also with "jdbc:" in front or a driver
// behind ("postgresql+psycopg2"); "sqlite:///file", "sqlite:file", "jdbc:sqlite:file". Parts that are
// percent-encoded are decoded. `variable`: the one that the password is to be read from. `notes`: what a
// person has to know. False for other kinds of databases, and then nothing is changed.
[[nodiscard]] bool read_database_url(std::string_view url, const std::string& variable,
                                     const std::string& place, StoreEnvironmentSettings& address,
                                     std::vector<std::string>& notes);

// How the tools connect that say nothing of it: explicit, because godwit's own default verifies the server.
void connect_as_libpq(StoreEnvironmentSettings& address, std::vector<std::string>& notes);

// libpq's words for it, "allow" among them; others change nothing.
void set_tls(StoreEnvironmentSettings& address, std::string_view sslmode);

// A value of another tool's configuration, where "${NAME}" and "${env.NAME}" stand for variables.
[[nodiscard]] std::string with_references(std::string_view value);

}  // namespace godwit::schema
