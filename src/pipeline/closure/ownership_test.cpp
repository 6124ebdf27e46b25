#include "pipeline/closure/test_catalog.h"

namespace godwit::pipeline {
namespace {

using test::closure_of;
using test::has_text;
using test::owners_of;
using test::World;

// districts <- schools <- classes <- assignments; students -> schools; enrollments -> students, schools.
World rostering() {
  World world;
  world.store("ids");
  world.table("districts", "id! name");
  world.table("schools", "id! district_id! name");
  world.key("district_id -> districts.id");
  world.table("classes", "id! school_id!");
  world.key("school_id -> schools.id");
  world.table("assignments", "id! class_id!");
  world.key("class_id -> classes.id");
  world.root("ids.districts.id");
  return world;
}

TEST(Ownership, GoesDownEveryStep) {
  World world = rostering();
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "districts")), "root id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "schools")), "parent district_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "assignments")), "parent class_id");
  EXPECT_EQ(
      closure_of(plan[0], "assignments").reason,
      "owned: assignments.class_id -> ids.classes.school_id -> ids.schools.district_id -> ids.districts.id");
  EXPECT_TRUE(closure_of(plan[0], "schools").edges[0].inside);
}

TEST(Ownership, TenantKeysWinByPlace) {
  World world = rostering();
  world.table("students", "id! school_id! district_id");
  world.key("school_id -> schools.id");
  world.table("archive", "id! district_id old_district");
  world.table("logs", "id! district_id school_id");
  world.key("school_id -> schools.id");
  world.settings.scope.keys = {
      {"*", "district_id"}, {"ids.archive", "old_district"}, {"ids.public.logs", ""}};
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "students")), "key district_id");
  EXPECT_EQ(closure_of(plan[0], "students").key_column, "district_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "archive")), "key old_district");
  EXPECT_EQ(owners_of(closure_of(plan[0], "logs")), "parent school_id");
  EXPECT_EQ(closure_of(plan[0], "logs").key_column, "");
  // A tenant key proves nothing about other references.
  EXPECT_FALSE(closure_of(plan[0], "students").edges[0].inside);
}

TEST(Ownership, AKeyInsideACompositeReferenceStaysInside) {
  World world = rostering();
  world.table("students", "id! district_id!");
  world.table("marks", "id! district_id! student_id!");
  world.key("(district_id,student_id) -> students.(district_id,id)");
  world.settings.scope.keys = {{"*", "district_id"}};
  EXPECT_TRUE(closure_of(world.planned()[0], "marks").edges[0].inside);
}

TEST(Ownership, SeveralPathsMustBeNamed) {
  World world = rostering();
  world.table("students", "id! school_id!");
  world.key("school_id -> schools.id");
  world.table("enrollments", "id! student_id! school_id!");
  world.key("student_id -> students.id");
  world.key("school_id -> schools.id");
  const Error error = world.refused();
  EXPECT_TRUE(has_text(error, "ids.enrollments has 2 paths to ids.districts")) << error.text();
  EXPECT_TRUE(
      has_text(error, "student_id -> ids.students.school_id -> ids.schools.district_id -> ids.districts.id"))
      << error.text();
  EXPECT_TRUE(has_text(error, "add to pipelines.move: owner: {ids.enrollments: student_id}")) << error.text();

  world.settings.owner = {{"ids.enrollments", {"student_id"}}};
  EXPECT_EQ(owners_of(closure_of(world.planned()[0], "enrollments")), "parent student_id");
  EXPECT_EQ(test::edges_of(closure_of(world.planned()[0], "enrollments")),
            "student_id reference inside, school_id reference");
  world.settings.owner = {{"enrollments", {"student_id", "school_id"}}};
  world.settings.cross_scope = CrossScope::any;
  world.settings.cross_scope_tables = {{"ids.enrollments", CrossScope::all}};
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "enrollments")), "parent student_id, parent school_id");
  EXPECT_EQ(closure_of(plan[0], "enrollments").cross_scope, CrossScope::all);
  EXPECT_EQ(closure_of(plan[0], "students").cross_scope, CrossScope::any);
}

TEST(Ownership, TwoReferencesToOneParentAreTwoPaths) {
  World world = rostering();
  world.table("transfers", "id! from_school_id to_school_id");
  world.key("from_school_id -> schools.id");
  world.key("to_school_id -> schools.id");
  EXPECT_TRUE(has_text(world.refused(), "ids.transfers has 2 paths"));
}

TEST(Ownership, OwnersOfCompositeKeys) {
  World world = rostering();
  world.table("stops", "route_id! no! school_id!");
  world.key("school_id -> schools.id");
  world.table("riders", "id! route_id! stop_no! school_id");
  world.key("(route_id,stop_no) -> stops.(route_id,no)");
  world.key("school_id -> schools.id");
  world.settings.owner = {{"ids.riders", {"route_id", "stop_no"}}};
  EXPECT_EQ(owners_of(closure_of(world.planned()[0], "riders")), "parent route_id+stop_no");
  world.settings.owner = {{"ids.riders", {"stop_no"}}};
  EXPECT_EQ(owners_of(closure_of(world.planned()[0], "riders")), "parent route_id+stop_no");
  world.settings.owner = {{"ids.riders", {"stop_no", "school_id"}}};
  EXPECT_EQ(owners_of(closure_of(world.planned()[0], "riders")), "parent route_id+stop_no, parent school_id");
}

TEST(Ownership, SelfReferencesAndCyclesAreNoPathsOfTheirOwn) {
  World world = rostering();
  world.table("folders", "id! school_id! parent_id");
  world.key("school_id -> schools.id");
  world.key("parent_id -> folders.id");
  world.table("users", "id! school_id! last_session_id");
  world.key("school_id -> schools.id");
  world.key("last_session_id -> user_sessions.id");
  world.table("user_sessions", "id! user_id!");
  world.key("user_id -> users.id");
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "folders")), "parent school_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "users")), "parent school_id");
  EXPECT_EQ(owners_of(closure_of(plan[0], "user_sessions")), "parent user_id");
  EXPECT_EQ(test::order_of(plan[0]), "districts schools classes assignments folders user_sessions+users");
}

TEST(Ownership, MayBeNamedOverACycleThatIsFedFromOutside) {
  World world = rostering();
  world.table("folders", "id! school_id parent_id");
  world.key("school_id -> schools.id");
  world.key("parent_id -> folders.id");
  world.settings.owner = {{"ids.folders", {"school_id", "parent_id"}}};
  EXPECT_EQ(owners_of(closure_of(world.planned()[0], "folders")), "parent school_id, parent parent_id");
  world.settings.cross_scope = CrossScope::all;
  EXPECT_TRUE(has_text(world.refused(), "add to pipelines.move: cross_scope: {ids.folders: fail}"));
  world.settings.owner = {{"ids.folders", {"parent_id"}}};
  EXPECT_TRUE(
      has_text(world.refused(ErrorKind::config), "owned through ids.folders, which no path connects"));
}

TEST(Ownership, OtherSchemasMixedCaseAndReservedNames) {
  World world = rostering();
  world.table("\"Odd Schema\".\"Order\"", "Id! School!");
  world.key("School -> schools.id");
  world.table("\"select\"", "id! order_id! school_id!");
  world.key("order_id -> \"Odd Schema\".\"Order\".Id");
  world.key("school_id -> schools.id");
  const Error error = world.refused();
  EXPECT_TRUE(has_text(error, "owner: {ids.select: order_id}")) << error.text();
  world.settings.owner = {{"select", {"order_id"}}};
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "Order", "Odd Schema")), "parent School");
  EXPECT_EQ(owners_of(closure_of(plan[0], "select")), "parent order_id");
  EXPECT_EQ(closure_of(plan[0], "select").reason,
            "owned: select.order_id -> ids.\"Odd Schema\".Order.School -> ids.schools.district_id -> "
            "ids.districts.id");
}

TEST(Ownership, LinksInsideAStoreAreForeignKeys) {
  World world = rostering();
  world.table("badges", "id! school_code");
  EXPECT_TRUE(has_text(world.refused(), "ids.badges: no path to ids.districts"));
  world.settings.links = {{"ids.badges.school_code", "ids.schools.name", {"godwit.yml", 30, 5}}};
  const auto plan = world.planned();
  const TableClosure badges = closure_of(plan[0], "badges");
  EXPECT_EQ(owners_of(badges), "parent school_code");
  EXPECT_TRUE(badges.owners[0].foreign_key.configured);
  EXPECT_EQ(badges.owners[0].foreign_key.parent_store, "");
}

TEST(Ownership, LinksAcrossStoresOwnWhatNothingElseReaches) {
  World world = rostering();
  world.table("students", "id! school_id!");
  world.key("school_id -> schools.id");
  world.store("hcp");
  world.table("students", "id! external_id");
  world.table("visits", "id! student_id!");
  world.key("student_id -> students.id");
  world.table("notes", "id! visit_id! author_ref");
  world.key("visit_id -> visits.id");
  world.settings.links = {{"hcp.students.external_id", "ids.students.id", {"godwit.yml", 30, 5}},
                          {"hcp.notes.author_ref", "ids.students.id", {"godwit.yml", 31, 5}}};
  const auto plan = world.planned();
  const TableClosure students = closure_of(plan[1], "students");
  EXPECT_EQ(owners_of(students), "link external_id");
  EXPECT_EQ(students.owners[0].foreign_key.parent_store, "ids");
  EXPECT_EQ(owners_of(closure_of(plan[1], "visits")), "parent student_id");
  // Reached over visits: the link is only a reference to be proved.
  EXPECT_EQ(owners_of(closure_of(plan[1], "notes")), "parent visit_id");
  EXPECT_EQ(test::edges_of(closure_of(plan[1], "notes")), "visit_id reference inside, author_ref reference");
  EXPECT_EQ(
      students.reason,
      "owned: students.external_id -> ids.students.school_id -> ids.schools.district_id -> ids.districts.id");
}

TEST(Ownership, ALinkToALaterStoreOwnsNothing) {
  World world = rostering();
  world.table("badges", "id! student_ref");
  world.store("hcp");
  world.table("students", "id! district_id!");
  world.settings.scope.keys = {{"hcp", "district_id"}};
  world.settings.links = {{"ids.badges.student_ref", "hcp.students.id", {"godwit.yml", 30, 5}}};
  EXPECT_TRUE(has_text(world.refused(), "ids.badges: no path to ids.districts"));
  world.settings.owner = {{"ids.badges", {"student_ref"}}};
  EXPECT_TRUE(has_text(world.refused(ErrorKind::config), "change the order of stores"));
}

TEST(Ownership, PartitionsAreReadThroughTheirParent) {
  World world = rostering();
  world.table("events", "id! school_id!", TableKind::partitioned);
  world.key("school_id -> schools.id");
  world.table("events_1", "id! school_id!", TableKind::partition).partition_of =
      TableName{"public", "events"};
  world.key("school_id -> schools.id");
  const auto plan = world.planned();
  EXPECT_EQ(owners_of(closure_of(plan[0], "events")), "parent school_id");
  EXPECT_EQ(closure_of(plan[0], "events_1").membership, Membership::skipped);
  EXPECT_EQ(closure_of(plan[0], "events_1").reason, "out: a partition, read through its parent");
}

// Pagila's payment: the foreign keys stand on the partitions, and not on all of them.
TEST(Ownership, KeysOfPartitionsCountWhenAllHaveThem) {
  World world = rostering();
  world.table("events", "id! school_id!", TableKind::partitioned);
  world.table("events_1", "id! school_id!", TableKind::partition).partition_of =
      TableName{"public", "events"};
  world.key("school_id -> schools.id");
  world.table("events_2", "id! school_id!", TableKind::partition).partition_of =
      TableName{"public", "events"};
  World complete = world;
  complete.key("school_id -> schools.id");
  EXPECT_EQ(owners_of(closure_of(complete.planned()[0], "events")), "parent school_id");

  const Error error = world.refused();
  EXPECT_TRUE(has_text(error,
                       "ids.events: only some partitions have its foreign keys; say which hold for all: "
                       "links: ['ids.events.school_id -> ids.schools.id']"))
      << error.text();
  EXPECT_FALSE(has_text(error, "shared:")) << error.text();
  // The same when the catalog has lifted the key, and says by "not validated" that some rows lack it.
  World lifted = world;
  for (auto& table : lifted.catalogs[0].tables) {
    if (table.name.name != "events") continue;
    table.foreign_keys = lifted.catalogs[0].table({"public", "events_1"})->foreign_keys;
    table.foreign_keys[0].validated = false;
  }
  EXPECT_TRUE(has_text(lifted.refused(), "only some partitions have its foreign keys"));
  World linked = world;
  linked.settings.links = {{"ids.events.school_id", "ids.schools.id", {"godwit.yml", 30, 5}}};
  EXPECT_EQ(owners_of(closure_of(linked.planned()[0], "events")), "parent school_id");
  // Some partitions enforce it: the order of loading still counts.
  EXPECT_FALSE(closure_of(linked.planned()[0], "events").owners[0].foreign_key.configured);
  EXPECT_EQ(test::order_of(linked.planned()[0]), "districts schools classes assignments events");
  world.settings.owner = {{"ids.events", {"school_id"}}};
  const TableClosure named = closure_of(world.planned()[0], "events");
  EXPECT_EQ(owners_of(named), "parent school_id");
  EXPECT_TRUE(named.owners[0].foreign_key.configured);
  EXPECT_TRUE(named.edges[0].inside);
}

TEST(Ownership, ViewsAndForeignTablesAreSkipped) {
  World world = rostering();
  world.table("active_schools", "id district_id", TableKind::view);
  world.table("remote", "id", TableKind::foreign_table);
  world.table("godwit_run", "id");
  world.settings.scope.keys = {{"*", "district_id"}};
  const auto plan = world.planned();
  EXPECT_EQ(closure_of(plan[0], "active_schools").reason, "out: a view");
  EXPECT_EQ(closure_of(plan[0], "remote").membership, Membership::skipped);
  EXPECT_EQ(closure_of(plan[0], "godwit_run").reason, "out: godwit's own table");
}

TEST(Ownership, WrongSettingsAreAllToldWithTheirPlace) {
  World world = rostering();
  world.settings.references = {{"ids.enrolments", {"godwit.yml", 20, 7}},
                               {"ids.clases", {"godwit.yml", 21, 9}}};
  world.settings.owner = {{"ids.enrolments", {"id"}}, {"ids.schools", {"distric_id"}}};
  world.settings.shared = {"ids.clases"};
  world.settings.links = {{"ids.classes.x", "ids.schools.id", {"godwit.yml", 30, 5}}};
  const Error error = world.refused(ErrorKind::config);
  EXPECT_TRUE(has_text(error, "godwit.yml:20:7: owner: there is no table 'ids.enrolments'")) << error.text();
  EXPECT_TRUE(
      has_text(error, "godwit.yml:21:9: shared: there is no table 'ids.clases': did you mean ids.classes"))
      << error.text();
  EXPECT_TRUE(has_text(error, "owner: ids.schools has no column 'distric_id': did you mean district_id?"))
      << error.text();
  EXPECT_TRUE(has_text(error, "links: ids.classes has no column 'x'")) << error.text();
  EXPECT_TRUE(has_text(error, "4 problems")) << error.text();
}

TEST(Ownership, TheRootMustExist) {
  World world = rostering();
  world.root("ids.district.id");
  const Error error = world.refused(ErrorKind::config);
  EXPECT_EQ(error.where.text(), "godwit.yml:9:9");
  EXPECT_TRUE(has_text(error, "did you mean ids.districts")) << error.text();
  world.root("ids.districts.idd");
  EXPECT_TRUE(has_text(world.refused(ErrorKind::config), "ids.districts has no column 'idd'"));
  world.root("ids.public.districts.id");
  ClosureInput input{&world.settings, {&world.catalogs[0]}};
  const auto root = find_scope_root(input);
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->store + "." + root->table.text() + "." + root->column, "ids.public.districts.id");
}

}  // namespace
}  // namespace godwit::pipeline
