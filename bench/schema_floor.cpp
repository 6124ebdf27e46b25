// schema_floor URL FOLDER: the floor of bench schema. What a program in C would do that only applies *.sql in
// the order of their names: one message per migration with its row, nothing planned, checked, locked or
// reported.
#include <libpq-fe.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace {

bool ran(PGconn* connection, const std::string& sql) {
  PGresult* result = PQexec(connection, sql.c_str());
  const bool well = PQresultStatus(result) == PGRES_COMMAND_OK;
  if (!well) std::fprintf(stderr, "%s", PQerrorMessage(connection));
  PQclear(result);
  return well;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[2]))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  PGconn* connection = PQconnectdb(arguments[1]);
  if (PQstatus(connection) != CONNECTION_OK) return 1;
  std::set<std::string> applied;
  if (PGresult* result = PQexec(connection, "SELECT name FROM floor_history"); result != nullptr) {
    for (int row = 0; row < PQntuples(result); ++row)
      applied.emplace(PQgetvalue(result, row, 0));
    const bool there = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    if (!there &&
        !ran(connection, "CREATE TABLE floor_history (name text PRIMARY KEY, at timestamptz DEFAULT now())"))
      return 1;
  }
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    if (applied.count(name) != 0) continue;
    std::ifstream in(file);
    const std::string sql{std::istreambuf_iterator<char>(in), {}};
    if (!ran(connection, "BEGIN;" + sql + "INSERT INTO floor_history (name) VALUES ('" + name + "');COMMIT"))
      return 1;
  }
  PQfinish(connection);
  return 0;
}
