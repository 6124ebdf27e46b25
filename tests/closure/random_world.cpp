#include "tests/closure/random_world.h"

#include "base/prng.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::test {
namespace {

enum class Kind { integer, big_integer, text, short_text, untyped };

class Generator {
 public:
  Generator(uint64_t seed, bool postgres) : random_(seed), postgres_(postgres) {}

  World make() {
    world_.catalog.store = world_.closure.store = "w";
    world_.catalog.kind = postgres_ ? "postgres" : "sqlite";
    world_.catalog.default_schema = schema(0);
    const size_t count = 2 + random_.below(6);
    for (size_t i = 0; i < count; ++i)
      add_table(i);
    for (auto& table : world_.catalog.tables) {
      const auto wanted = random_.below(4);
      for (size_t i = 0; i < wanted; ++i)
        add_foreign_key(table);
    }
    std::sort(world_.catalog.tables.begin(), world_.catalog.tables.end(),
              [](const Table& left, const Table& right) { return left.name < right.name; });
    for (const auto& table : world_.catalog.tables)
      fill_keys(table);
    for (const auto& table : world_.catalog.tables)
      fill_references(table);
    close();
    return std::move(world_);
  }

 private:
  [[nodiscard]] std::string schema(size_t number) const {
    if (!postgres_) return "main";
    return number % 2 == 0 ? "w" : "W 2";
  }

  Column column(const std::string& name, Kind kind, bool nullable) const {
    Column column;
    column.name = name;
    column.nullable = nullable;
    switch (kind) {
      case Kind::integer:
        column.type_name = "integer", column.type_identity = "pg_catalog.int4",
        column.type_class = TypeClass::integer;
        break;
      case Kind::big_integer:
        column.type_name = "bigint", column.type_identity = "pg_catalog.int8",
        column.type_class = TypeClass::integer;
        break;
      case Kind::text:
        column.type_name = "text", column.type_identity = "pg_catalog.text",
        column.type_class = TypeClass::text;
        break;
      case Kind::short_text:
        column.type_name = "character varying(9)", column.type_identity = "pg_catalog.varchar";
        column.type_class = TypeClass::text;
        break;
      case Kind::untyped:
        column.type_name = postgres_ ? "text" : "", column.type_identity = postgres_ ? "pg_catalog.text" : "";
        column.type_class = TypeClass::text;
        break;
    }
    return column;
  }

  Kind any_kind() {
    constexpr Kind kinds[] = {Kind::integer, Kind::big_integer, Kind::text, Kind::short_text};
    return kinds[random_.below(4)];
  }

  void add_table(size_t number) {
    static const char* const names[] = {"root",  "Order", "select",    "two words", "q\"uote",
                                        "Ärger", "plain", "MixedCase", "group"};
    Table table;
    table.name = {schema(number), names[number]};
    Key primary{"pk", {}, true, false, "", "", true};
    const size_t width = 1 + random_.below(2);
    for (size_t i = 0; i < width; ++i) {
      table.columns.push_back(column(i == 0 ? "id" : "Id 2", any_kind(), false));
      primary.columns.push_back(table.columns.back().name);
    }
    table.keys.push_back(primary);
    table.columns.push_back(column(row_tag, Kind::integer, false));
    if (random_.chance(1, 2)) {
      table.columns.push_back(column("user", any_kind(), true));
      table.keys.push_back({"uq", {"user"}, false, false, "", "", true});
    }
    if (number == 0 || random_.chance(1, 3)) {
      table.columns.push_back(column("tenant", random_.chance(1, 4) ? Kind::untyped : any_kind(), true));
    }
    if (!postgres_ && random_.chance(1, 4)) world_.without_rowid.insert(table.name);
    if (postgres_ && random_.chance(1, 4) && table.keys.size() == 1) table.kind = TableKind::partitioned;
    if (!postgres_ && random_.chance(1, 5)) table.columns.push_back(column("rowid", Kind::text, true));
    world_.catalog.tables.push_back(std::move(table));
  }

  void add_foreign_key(Table& table) {
    auto& tables = world_.catalog.tables;
    const Table& parent = random_.chance(1, 6) ? table : tables[random_.below(tables.size())];
    const Key& key = parent.keys[random_.below(parent.keys.size())];
    const size_t number = table.foreign_keys.size();
    ForeignKey foreign_key;
    foreign_key.name = fmt::format("fk{}_{}", number, table.name.name);
    foreign_key.parent = parent.name;
    foreign_key.configured = random_.chance(1, 5);
    std::vector<Column> added;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      Column own = *parent.column(key.columns[i]);
      // A link may join columns of different types; a foreign key does not.
      if (foreign_key.configured && random_.chance(1, 2)) own = column("", Kind::text, true);
      own.name = fmt::format("Fk{} {}", number, i);
      own.nullable = true;
      added.push_back(own);
      foreign_key.columns.push_back(own.name);
      foreign_key.parent_columns.push_back(key.columns[i]);
    }
    table.columns.insert(table.columns.end(), added.begin(), added.end());
    table.foreign_keys.push_back(std::move(foreign_key));
  }

  // Digits fit every kind, so that columns of different types can meet.
  Cell value() { return std::to_string(random_.below(9) + 1); }

  void fill_keys(const Table& table) {
    std::set<std::vector<Cell>> seen;
    std::set<std::string> users;
    auto& rows = world_.rows[table.name];
    const auto wanted = random_.chance(1, 8) ? 0 : 2 + random_.below(12);
    for (size_t number = 0; number < wanted; ++number) {
      Row row(table.columns.size());
      std::vector<Cell> key;
      for (size_t i = 0; i < table.columns.size(); ++i) {
        const std::string& name = table.columns[i].name;
        if (name == "id" || name == "Id 2") key.push_back(row[i] = value());
        if (name == row_tag) row[i] = std::to_string(number);
        if (name == "tenant" && random_.chance(4, 5)) row[i] = random_.chance(1, 2) ? "7" : "8";
        if (name == "user" && random_.chance(3, 4)) {
          const Cell user = value();
          if (users.insert(*user).second) row[i] = user;
        }
      }
      if (seen.insert(key).second) rows.push_back(std::move(row));
    }
  }

  [[nodiscard]] static size_t position(const Table& table, const std::string& name) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == name) return i;
    }
    return 0;
  }

  void fill_references(const Table& table) {
    for (const auto& foreign_key : table.foreign_keys) {
      const Table& parent = *world_.catalog.table(foreign_key.parent);
      const auto parents = world_.rows[foreign_key.parent];
      for (auto& row : world_.rows[table.name]) {
        if (random_.chance(1, 6)) continue;  // no reference
        const bool dangling = foreign_key.configured && random_.chance(1, 5);
        if (parents.empty() && !dangling) continue;
        const Row* target = dangling ? nullptr : &parents[random_.below(parents.size())];
        for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
          if (foreign_key.columns.size() > 1 && random_.chance(1, 8)) continue;  // half a reference
          row[position(table, foreign_key.columns[i])] =
              target == nullptr ? value() : (*target)[position(parent, foreign_key.parent_columns[i])];
        }
      }
    }
  }

  // ---- the closure

  void close() {
    auto& tables = world_.closure.tables;
    for (const auto& table : world_.catalog.tables) {
      TableClosure closure;
      closure.table = table.name;
      const bool root = table.name.name == "root";
      closure.membership = root || random_.chance(2, 3) ? Membership::owned : Membership::needed;
      tables.push_back(closure);
    }
    for (auto& closure : tables) {
      const Table& table = *world_.catalog.table(closure.table);
      if (closure.membership == Membership::owned) choose_owners(closure, table);
      closure.cross_scope = static_cast<CrossScope>(random_.below(3));
      for (const auto& foreign_key : table.foreign_keys) {
        const OutsidePolicy policies[] = {OutsidePolicy::reference, OutsidePolicy::include,
                                          OutsidePolicy::include,   OutsidePolicy::include,
                                          OutsidePolicy::null,      OutsidePolicy::fail};
        NecessityEdge edge{foreign_key, policies[random_.below(6)], false};
        if (edge.policy == OutsidePolicy::null && owns(closure, foreign_key))
          edge.policy = OutsidePolicy::include;
        closure.edges.push_back(edge);
      }
    }
    for (auto& closure : tables) {
      if (closure.membership == Membership::needed && random_.chance(1, 3)) {
        const Membership others[] = {Membership::shared, Membership::outside, Membership::skipped};
        closure.membership = others[random_.below(3)];
      }
    }
    mark_needed();
    for (auto& closure : tables) {
      if (closure.owners.size() > 1 && closure.cross_scope == CrossScope::all && owner_cycle(closure.table)) {
        closure.cross_scope = CrossScope::any;  // the planner refuses `all` over a cycle
      }
    }
  }

  [[nodiscard]] static bool owns(const TableClosure& closure, const ForeignKey& foreign_key) {
    return std::any_of(closure.owners.begin(), closure.owners.end(), [&](const OwnerStep& step) {
      return step.foreign_key.columns == foreign_key.columns;
    });
  }

  void choose_owners(TableClosure& closure, const Table& table) {
    if (table.name.name == "root") {
      closure.owners.push_back({OwnerStep::Kind::root, "tenant", {}});
      return;
    }
    if (table.column("tenant") != nullptr) closure.owners.push_back({OwnerStep::Kind::key, "tenant", {}});
    for (const auto& foreign_key : table.foreign_keys) {
      if (random_.chance(1, 3)) continue;
      if (random_.chance(1, 6)) {
        add_link(closure, foreign_key);
      } else if (world_.closure.table(foreign_key.parent)->membership == Membership::owned) {
        closure.owners.push_back({OwnerStep::Kind::parent, "", foreign_key});
      }
    }
    if (closure.owners.empty()) closure.membership = Membership::needed;
  }

  void add_link(TableClosure& closure, ForeignKey foreign_key) {
    foreign_key.name += " link";
    foreign_key.configured = true;
    foreign_key.parent_store = "elsewhere";
    auto& keys = world_.link_keys[foreign_key.name];
    const auto count = random_.below(6);
    for (size_t i = 0; i < count; ++i) {
      keys.push_back(foreign_key.columns.size() == 1 ? *value()
                                                     : fmt::format("[\"{}\",\"{}\"]", *value(), *value()));
    }
    closure.owners.push_back({OwnerStep::Kind::link, "", foreign_key});
  }

  void mark_needed() {
    auto& tables = world_.closure.tables;
    // Random use of the proof "inside": it must not change any result.
    for (auto& closure : tables) {
      for (auto& edge : closure.edges) {
        const bool only = closure.owners.size() == 1 && closure.owners[0].kind == OwnerStep::Kind::parent &&
                          closure.owners[0].foreign_key.name == edge.foreign_key.name;
        edge.inside = only && closure.membership == Membership::owned && random_.chance(1, 2);
      }
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& child : tables) {
        if (child.membership == Membership::outside || child.membership == Membership::skipped) continue;
        for (auto& edge : child.edges) {
          if (child.has_needed_rows && edge.inside) edge.inside = false, changed = true;
          if (edge.policy != OutsidePolicy::include || edge.inside) continue;
          for (auto& parent : tables) {
            if (parent.table != edge.foreign_key.parent || parent.has_needed_rows) continue;
            if (parent.membership != Membership::owned && parent.membership != Membership::needed) continue;
            parent.has_needed_rows = changed = true;
          }
        }
      }
    }
  }

  [[nodiscard]] bool owner_cycle(const TableName& start) const {
    std::set<TableName> seen;
    std::vector<TableName> waiting{start};
    while (!waiting.empty()) {
      const TableName name = waiting.back();
      waiting.pop_back();
      for (const auto& step : world_.closure.table(name)->owners) {
        if (step.kind != OwnerStep::Kind::parent) continue;
        if (step.foreign_key.parent == start) return true;
        if (seen.insert(step.foreign_key.parent).second) waiting.push_back(step.foreign_key.parent);
      }
    }
    return false;
  }

  Prng random_;
  bool postgres_;
  World world_;
};

}  // namespace

World random_world(uint64_t seed, bool postgres) {
  return Generator(seed, postgres).make();
}

}  // namespace godwit::test
