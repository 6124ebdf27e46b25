#include "pipeline/closure/test_catalog.h"

namespace godwit::pipeline {
namespace {

using test::closure_of;
using test::edges_of;
using test::has_text;
using test::owners_of;
using test::World;

// districts <- students -> states (no tenant), students -> students (buddy), states -> countries.
World world_of_students() {
  World world;
  world.store("ids");
  world.table("countries", "code!");
  world.table("districts", "id!");
  world.table("states", "code! country_code!");
  world.key("country_code -> countries.code");
  world.table("students", "id! district_id! state_code! buddy_id");
  world.key("district_id -> districts.id");
  world.key("state_code -> states.code");
  world.key("buddy_id -> students.id");
  world.root("ids.districts.id");
  world.settings.scope.keys = {{"*", "district_id"}};
  return world;
}

TEST(Necessity, UnclassifiedTablesStopThePlanWithTheirNames) {
  World world = world_of_students();
  world.table("audit_log", "id!");
  const Error error = world.refused();
  EXPECT_TRUE(has_text(error, "3 tables must be classified")) << error.text();
  EXPECT_TRUE(has_text(error, "ids.states: no path to ids.districts; referenced by ids.students.state_code"))
      << error.text();
  EXPECT_TRUE(has_text(error, "ids.audit_log: no path to ids.districts\n")) << error.text();
  EXPECT_TRUE(has_text(error, "shared: [ids.audit_log, ids.countries, ids.states]")) << error.text();
  EXPECT_TRUE(has_text(error, "skip: [ids.audit_log, ids.countries, ids.states]")) << error.text();
}

TEST(Necessity, SharedTablesAreCopiedWhole) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "countries"};
  const auto plan = world.planned();
  EXPECT_EQ(closure_of(plan[0], "states").membership, Membership::shared);
  EXPECT_EQ(edges_of(closure_of(plan[0], "students")),
            "district_id reference inside, state_code reference, buddy_id reference");
  EXPECT_EQ(test::order_of(plan[0]), "countries districts states students");
}

TEST(Necessity, PatternsClassifyAndExactNamesWin) {
  World world = world_of_students();
  world.table("tmp_a", "id!");
  world.table("tmp_keep", "id!");
  world.settings.shared = {"ids.states", "ids.countries", "ids.tmp_keep"};
  world.settings.skip = {"ids.tmp_*"};
  const auto plan = world.planned();
  EXPECT_EQ(closure_of(plan[0], "tmp_a").membership, Membership::skipped);
  EXPECT_EQ(closure_of(plan[0], "tmp_keep").membership, Membership::shared);
  world.settings.skip = {"ids.nothing_*"};
  EXPECT_TRUE(has_text(world.refused(ErrorKind::config), "skip: there is no table 'ids.nothing_*'"));
}

TEST(Necessity, SkippedParentsMustBeInTheTarget) {
  World world = world_of_students();
  world.settings.skip = {"ids.states", "ids.countries"};
  const auto plan = world.planned();
  EXPECT_EQ(closure_of(plan[0], "states").membership, Membership::outside);
  EXPECT_EQ(closure_of(plan[0], "states").reason,
            "outside: not copied; referenced by ids.students.state_code");
  EXPECT_EQ(closure_of(plan[0], "countries").membership, Membership::skipped);
}

TEST(Necessity, IncludeCopiesParentsTransitively) {
  World world = world_of_students();
  world.settings.outside = OutsidePolicy::include;
  const auto plan = world.planned();
  EXPECT_EQ(closure_of(plan[0], "states").membership, Membership::needed);
  EXPECT_EQ(closure_of(plan[0], "countries").membership, Membership::needed);
  EXPECT_TRUE(closure_of(plan[0], "countries").has_needed_rows);
  EXPECT_EQ(closure_of(plan[0], "countries").reason, "needed: rows that ids.states.country_code reference");
  // A buddy of another district is needed; then its own district is, too: nothing is inside any more.
  EXPECT_TRUE(closure_of(plan[0], "students").has_needed_rows);
  EXPECT_TRUE(closure_of(plan[0], "districts").has_needed_rows);
  EXPECT_EQ(edges_of(closure_of(plan[0], "students")),
            "district_id include, state_code include, buddy_id include");
}

TEST(Necessity, EdgesHaveTheirOwnPolicy) {
  World world = world_of_students();
  world.settings.outside_edges = {{"students.buddy_id", OutsidePolicy::null},
                                  {"ids.students.state_code", OutsidePolicy::include},
                                  {"ids.states.country_code", OutsidePolicy::reference}};
  const auto plan = world.planned();
  EXPECT_EQ(edges_of(closure_of(plan[0], "students")),
            "district_id reference inside, state_code include, buddy_id null");
  EXPECT_EQ(closure_of(plan[0], "states").membership, Membership::needed);
  // The one edge that leads there says what becomes of it: countries are classified by that.
  EXPECT_EQ(closure_of(plan[0], "countries").membership, Membership::outside);
  EXPECT_FALSE(closure_of(plan[0], "districts").has_needed_rows);

  world.settings.outside_edges.push_back({"students.budy_id", OutsidePolicy::fail});
  EXPECT_TRUE(has_text(world.refused(ErrorKind::config),
                       "ids.students has no column 'budy_id': did you mean buddy_id?"));
  world.settings.outside_edges.back() = {"students.id", OutsidePolicy::fail};
  EXPECT_TRUE(has_text(world.refused(ErrorKind::config), "ids.students.id is no foreign key"));
}

TEST(Necessity, NullNeedsAColumnThatMayBeNull) {
  World world = world_of_students();
  world.settings.shared = {"ids.countries"};
  world.settings.outside_edges = {{"ids.students.state_code", OutsidePolicy::null}};
  const Error error = world.refused();
  EXPECT_TRUE(has_text(error, "ids.students.state_code is 'null', but no column of it can be emptied"))
      << error.text();
  EXPECT_TRUE(has_text(error, "outside: {ids.students.state_code: reference}")) << error.text();
}

TEST(Necessity, NullNeverCutsTheOwner) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "ids.countries"};
  world.table("clubs", "id! leader_id second_id");
  world.key("leader_id -> students.id");
  world.key("second_id -> students.id");
  world.settings.owner = {{"ids.clubs", {"leader_id", "second_id"}}};
  world.settings.cross_scope_tables = {{"ids.clubs", CrossScope::any}};
  world.settings.outside_edges = {{"ids.clubs.second_id", OutsidePolicy::null}};
  EXPECT_TRUE(has_text(world.refused(), "ids.clubs.second_id is 'null', but no column of it can be emptied"));
}

TEST(Necessity, AnyProvesNothingAllDoes) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "ids.countries"};
  world.table("clubs", "id! leader_id second_id");
  world.key("leader_id -> students.id");
  world.key("second_id -> students.id");
  world.settings.owner = {{"ids.clubs", {"leader_id", "second_id"}}};
  EXPECT_EQ(edges_of(closure_of(world.planned()[0], "clubs")),
            "leader_id reference inside, second_id reference inside");
  world.settings.cross_scope = CrossScope::any;
  EXPECT_EQ(edges_of(closure_of(world.planned()[0], "clubs")), "leader_id reference, second_id reference");
}

TEST(Necessity, SharedTablesOfATenantAreRefused) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "ids.countries", "ids.students"};
  EXPECT_TRUE(has_text(world.refused(), "shared: ids.students has the tenant key district_id"));

  World hidden = world_of_students();
  hidden.settings.shared = {"ids.states", "ids.countries", "ids.attendance"};
  hidden.table("attendance", "id! student_id!");
  hidden.key("student_id -> students.id");
  const Error error = hidden.refused();
  EXPECT_TRUE(
      has_text(error,
               "ids.attendance is copied whole, and its student_id leads to ids.students, which is not: its "
               "rows belong to a district"))
      << error.text();
}

TEST(Necessity, ParentsOfSharedTablesAreSharedOrReferenced) {
  World world = world_of_students();
  world.settings.outside = OutsidePolicy::include;
  world.settings.shared = {"ids.states"};
  EXPECT_TRUE(
      has_text(world.refused(),
               "ids.states is copied whole, and its country_code leads to ids.countries, which is not"));
  world.settings.outside_edges = {{"ids.states.country_code", OutsidePolicy::reference}};
  EXPECT_EQ(closure_of(world.planned()[0], "countries").membership, Membership::outside);
  world.settings.outside_edges.clear();
  world.settings.shared = {"ids.states", "ids.countries"};
  EXPECT_EQ(closure_of(world.planned()[0], "countries").membership, Membership::shared);
}

TEST(Necessity, ReachedOnlyFromANeededRow) {
  World world = world_of_students();
  world.settings.outside = OutsidePolicy::include;
  world.table("state_mottos", "id! state_code!");
  world.key("state_code -> states.code");
  const Error error = world.refused();
  EXPECT_TRUE(has_text(
      error, "ids.state_mottos: reached only over ids.states, whose rows are there because others need them"))
      << error.text();
  EXPECT_TRUE(has_text(error, "1 table must be classified")) << error.text();
}

TEST(Necessity, IncludeDoesNotCrossStoresOrOverruleSkip) {
  World world = world_of_students();
  world.settings.skip = {"ids.states", "ids.countries"};
  world.settings.outside = OutsidePolicy::include;
  EXPECT_EQ(edges_of(closure_of(world.planned()[0], "students")),
            "district_id include, state_code reference, buddy_id include");
  world.settings.outside_edges = {{"ids.students.state_code", OutsidePolicy::include}};
  EXPECT_TRUE(has_text(world.refused(), "ids.students.state_code is 'include', but ids.states is skipped"));
}

TEST(Necessity, AcrossStoresAParentIsReferenced) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "ids.countries"};
  world.store("hcp");
  world.table("visits", "id! district_id! student_ref");
  world.settings.links = {{"hcp.visits.student_ref", "ids.students.id", {"godwit.yml", 30, 5}}};
  for (const auto policy :
       {OutsidePolicy::reference, OutsidePolicy::include, OutsidePolicy::null, OutsidePolicy::fail}) {
    World other = world;
    other.settings.outside_edges = {{"ids.students.district_id", OutsidePolicy::reference}};
    other.settings.outside = policy;
    EXPECT_EQ(edges_of(closure_of(other.planned()[1], "visits")), "student_ref reference");
    other.settings.outside_edges.emplace_back("hcp.visits.student_ref", policy);
    if (policy == OutsidePolicy::reference) continue;
    EXPECT_TRUE(
        has_text(other.refused(), "ids.students is in another store: only 'reference' can be held there"));
  }
}

TEST(Necessity, AParentThatCannotBeSeenIsAProblem) {
  World world = world_of_students();
  world.settings.shared = {"ids.states", "ids.countries"};
  world.table("badges", "id! district_id vault_id");
  world.key("vault_id -> secret.vaults.id");
  EXPECT_TRUE(has_text(world.refused(), "ids.badges references secret.vaults over badges_vault_id_fkey"));
}

// Pagila: one store moves, with everything that its rows need.
World pagila() {
  World world;
  world.store("pagila");
  world.table("country", "country_id!");
  world.table("city", "city_id! country_id!");
  world.key("country_id -> country.country_id");
  world.table("address", "address_id! city_id!");
  world.key("city_id -> city.city_id");
  world.table("language", "language_id!");
  world.table("film", "film_id! language_id! original_language_id");
  world.key("language_id -> language.language_id");
  world.key("original_language_id -> language.language_id");
  world.table("store", "store_id! manager_staff_id! address_id!");
  world.key("manager_staff_id -> staff.staff_id");
  world.key("address_id -> address.address_id");
  world.table("staff", "staff_id! store_id! address_id!");
  world.key("store_id -> store.store_id");
  world.key("address_id -> address.address_id");
  world.table("customer", "customer_id! store_id! address_id!");
  world.key("store_id -> store.store_id");
  world.key("address_id -> address.address_id");
  world.table("inventory", "inventory_id! film_id! store_id!");
  world.key("film_id -> film.film_id");
  world.key("store_id -> store.store_id");
  world.table("rental", "rental_id! inventory_id! customer_id! staff_id!");
  world.key("inventory_id -> inventory.inventory_id");
  world.key("customer_id -> customer.customer_id");
  world.key("staff_id -> staff.staff_id");
  world.root("pagila.store.store_id");
  world.settings.outside = OutsidePolicy::include;
  return world;
}

TEST(Necessity, PagilaAsOneStore) {
  World world = pagila();
  EXPECT_TRUE(has_text(world.refused(), "pagila.rental has 3 paths to pagila.store"));
  world.settings.owner = {{"rental", {"inventory_id"}}};
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "store")), "root store_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "staff")), "parent store_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "rental")), "parent inventory_id");
  for (const char* name : {"country", "city", "address", "language", "film"}) {
    EXPECT_EQ(closure_of(plan[0], name).membership, Membership::needed) << name;
  }
  // A rental's customer may belong to the other store, and then that store and its manager are needed.
  for (const char* name : {"customer", "store", "staff"})
    EXPECT_TRUE(closure_of(plan[0], name).has_needed_rows) << name;
  EXPECT_FALSE(closure_of(plan[0], "inventory").has_needed_rows);
  EXPECT_FALSE(closure_of(plan[0], "rental").has_needed_rows);
  EXPECT_EQ(edges_of(closure_of(plan[0], "rental")),
            "inventory_id include inside, customer_id include, staff_id include");
  EXPECT_EQ(test::order_of(plan[0]),
            "country city address staff+store customer language film inventory rental");
  ASSERT_EQ(plan[0].cycle_breaks.size(), 1U);
  EXPECT_EQ(plan[0].cycle_breaks[0].how, CycleBreak::How::single_statement);
}

}  // namespace
}  // namespace godwit::pipeline
