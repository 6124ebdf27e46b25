// Towns of schools, drawn from a seed: tables that refer to themselves and to each other in circles, keys of
// two columns, identities, generated columns, unique values, rows without a key.
#pragma once

#include "tests/integration/postgres/postgres_move.h"

#include <random>

namespace godwit::test {

inline constexpr const char* town_sql = R"(
  CREATE TABLE town (id int PRIMARY KEY, name text);
  CREATE TABLE school (id int PRIMARY KEY, town_id int NOT NULL REFERENCES town, code text NOT NULL UNIQUE);
  CREATE TABLE pupil (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, school_id int NOT NULL REFERENCES school,
    mentor_id bigint REFERENCES pupil, badge_id int, email text UNIQUE, nickname text,
    loud text GENERATED ALWAYS AS (upper(email)) STORED);
  CREATE TABLE badge (id int PRIMARY KEY, pupil_id bigint NOT NULL UNIQUE REFERENCES pupil);
  ALTER TABLE pupil ADD CONSTRAINT pupil_badge FOREIGN KEY (badge_id) REFERENCES badge;
  CREATE TABLE score (pupil_id bigint REFERENCES pupil, subject text, points numeric, PRIMARY KEY (pupil_id, subject));
  CREATE TABLE note (pupil_id bigint REFERENCES pupil, body text);
)";
inline constexpr const char* town_tables[] = {"town", "school", "pupil", "badge", "score", "note"};

// The rows of one town, as a script; another one with every call.
class TownRows {
 public:
  explicit TownRows(unsigned seed) : random_(seed) {}

  // `whole`: every school, pupil and badge that there may be; only their values are drawn.
  std::string rows(int town, bool whole = false) {
    const std::string t = std::to_string(town);
    std::string sql = "SET session_replication_role = replica; INSERT INTO town VALUES (" + t + ", 'town" +
                      std::to_string(draw(3)) + "');";
    const auto schools = some(6, whole ? 6 : 1);
    const auto codes = shuffled(6);
    for (size_t i = 0; i < schools.size(); ++i) {
      sql += "INSERT INTO school VALUES (" + id(town, schools[i]) + ", " + t + ", 'code" + t + "-" +
             std::to_string(codes[i]) + "');";
    }
    const auto pupils = some(16, whole ? 16 : 0);
    const auto emails = shuffled(16);
    const auto badges = shuffled(16);
    for (size_t i = 0; i < pupils.size(); ++i) {
      const std::string pupil = id(town, pupils[i]);
      const bool badge = whole || draw(2) == 0;
      sql +=
          "INSERT INTO pupil (id, school_id, mentor_id, badge_id, email, nickname) OVERRIDING SYSTEM VALUE "
          "VALUES (" +
          pupil + ", " + id(town, schools[draw(schools.size())]) + ", " +
          (draw(2) == 0 ? "NULL" : id(town, pupils[draw(pupils.size())])) + ", " +
          (badge ? id(town, badges[i]) : "NULL") + ", " +
          (draw(4) == 0 ? "NULL" : "'" + t + "." + std::to_string(emails[i]) + "@x'") + ", " +
          (draw(2) == 0 ? "NULL" : "'nick" + std::to_string(draw(3)) + "'") + ");";
      if (badge) sql += "INSERT INTO badge VALUES (" + id(town, badges[i]) + ", " + pupil + ");";
      for (const char* subject : {"art", "math"}) {
        if (draw(2) == 0)
          sql +=
              "INSERT INTO score VALUES (" + pupil + ", '" + subject + "', " + std::to_string(draw(3)) + ");";
      }
      for (size_t notes = draw(3); notes > 0; --notes)
        sql += "INSERT INTO note VALUES (" + pupil + ", 'note" + std::to_string(draw(2)) + "');";
    }
    return sql + "SET session_replication_role = origin";
  }

 private:
  size_t draw(size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random_); }
  static std::string id(int town, size_t number) {
    return std::to_string(static_cast<size_t>(town) * 1000 + number);
  }
  std::vector<size_t> shuffled(size_t count) {
    std::vector<size_t> numbers(count);
    for (size_t i = 0; i < count; ++i)
      numbers[i] = i;
    std::shuffle(numbers.begin(), numbers.end(), random_);
    return numbers;
  }
  std::vector<size_t> some(size_t of, size_t least) {
    auto numbers = shuffled(of);
    numbers.resize(least + draw(of - least + 1));
    return numbers;
  }

  std::mt19937 random_;
};

class PostgresTown : public ::testing::Test {
 protected:
  static void add_town(Move& move) {
    move.own("town", "id");
    move.own("school", "town_id");
    move.own_by_parent("pupil", "school");
    move.own_by_parent("badge", "pupil");
    move.own_by_parent("score", "pupil");
    move.own_by_parent("note", "pupil");
  }
  // Every row of one town, or of all.
  static std::string all(ScratchDatabase& database, const std::string& town = {}) {
    std::string text;
    for (const std::string table : town_tables) {
      const std::string key =
          table == "town" || table == "school" || table == "pupil" || table == "badge" ? "id" : "pupil_id";
      std::string mine = town.empty() ? "true" : key + " / 1000 = " + town;
      if (!town.empty() && table == "town") mine = "id = " + town;
      text += table + " " + digest(database, "public." + table, mine) + "\n";
    }
    return text;
  }

  ScratchDatabase from_, to_;
};

}  // namespace godwit::test
