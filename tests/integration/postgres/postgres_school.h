// Two districts of a small school world in one database, none in the other, and the moves between them.
#pragma once

#include "tests/integration/postgres/postgres_move.h"

namespace godwit::test {

inline constexpr const char* school_sql = R"(
  CREATE TABLE state (code char(2) PRIMARY KEY, name text NOT NULL);
  CREATE TABLE district (id int PRIMARY KEY, state char(2) NOT NULL REFERENCES state, name text);
  CREATE TABLE student (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, district_id int NOT NULL REFERENCES district,
    name text NOT NULL, full_name text GENERATED ALWAYS AS (name || '!') STORED);
  CREATE TABLE grade (student_id bigint REFERENCES student, course text, mark numeric(4,2), PRIMARY KEY (student_id, course));
  CREATE TABLE note (student_id bigint REFERENCES student, body text);
)";
inline constexpr const char* rows = R"(
  INSERT INTO state VALUES ('TX', 'Texas'), ('CA', 'California');
  INSERT INTO district VALUES (1, 'TX', 'one'), (2, 'CA', 'two');
  INSERT INTO student (id, district_id, name) OVERRIDING SYSTEM VALUE
    SELECT n, 1 + n % 2, 'student ' || n FROM generate_series(1, 10000) n;
  INSERT INTO grade SELECT n, c, n % 100 / 7.0 FROM generate_series(1, 10000) n, unnest(ARRAY['math', 'art']) c;
  INSERT INTO note SELECT n % 50 + 1, 'same note' FROM generate_series(1, 200) n;
)";

class PostgresSchool : public ::testing::Test {
 protected:
  void make_school() {
    from_.run(school_sql);
    from_.run(rows);
    to_.run(school_sql);
  }
  static void add_school(Move& move) {
    move.share("state");
    move.own("district", "id");
    move.own("student", "district_id");
    move.own_by_parent("grade", "student");
    move.own_by_parent("note", "student");
  }
  std::string all(ScratchDatabase& database) {
    std::string text;
    for (const char* table : {"state", "district", "student", "grade", "note"}) {
      text += digest(database, std::string("public.") + table) + " ";
    }
    return text;
  }

  ScratchDatabase from_, to_;
};

}  // namespace godwit::test
