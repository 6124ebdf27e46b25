#include "schema/history/alembic/listing.h"

#include "schema/history/alembic/test_revisions.h"

namespace godwit::schema::alembic {
namespace {

using Lines = std::vector<std::string>;

Lines lines(const std::vector<TestRevision>& revisions, const Lines& rows, Listing what,
            bool verbose = false) {
  HistoryOptions options;
  options.tool = "alembic";
  const auto history = make_history(options);
  EXPECT_TRUE(history.ok());
  const auto folder = (*history)->read_folder(files_of(revisions));
  EXPECT_TRUE(folder.ok());
  RecordedHistory recorded;
  for (const std::string& row : rows)
    recorded.applied.push_back({row, "", {}, "", "", 0, false});
  const auto found = (*history)->listing(*folder, recorded, what, verbose);
  EXPECT_TRUE(found && found->ok());
  return **found;
}

TEST(AlembicListing, Heads) {
  EXPECT_EQ(lines(two_lines(), {}, Listing::heads),
            (Lines{"aaaa2 (core) (effective head)", "bbbb2 (app) (head)"}));
  EXPECT_EQ(lines(two_lines(), {}, Listing::effective_heads), Lines{"bbbb2 (app) (head)"});
}

TEST(AlembicListing, CurrentNamesWhatTheRowsImply) {
  EXPECT_EQ(lines(two_lines(), {"bbbb2"}, Listing::current),
            (Lines{"aaaa2 (effective head)", "bbbb2 (head)"}));
  EXPECT_EQ(lines(fork_and_join(), {"e578e33478e1"}, Listing::current), Lines{"e578e33478e1 (mergepoint)"});
  EXPECT_TRUE(lines(fork_and_join(), {}, Listing::current).empty());
}

TEST(AlembicListing, History) {
  EXPECT_EQ(
      lines(two_lines(), {}, Listing::history),
      (Lines{"bbbb1 (aaaa2) -> bbbb2 (app) (head), Step bbbb2", "<base> -> bbbb1 (app), Step bbbb1",
             "aaaa1 -> aaaa2 (core) (effective head), Step aaaa2", "<base> -> aaaa1 (core), Step aaaa1"}));
  EXPECT_EQ(lines(fork_and_join(), {}, Listing::history).at(1),
            "b4591d8d37bd, 20251203_2148 -> e578e33478e1 (mergepoint), Step e578e33478e1");
}

TEST(AlembicListing, HistoryInFull) {
  const Lines all = lines(two_lines(), {}, Listing::history, true);
  EXPECT_EQ(Lines(all.begin(), all.begin() + 10),
            (Lines{"Rev: bbbb2 (head)", "Parent: bbbb1", "Also depends on: aaaa2", "Branch names: app",
                   "Path: 1003_bbbb2.py", "", "    Step bbbb2", "    ", "    more of it", ""}));
  const Lines fork = lines(fork_and_join(), {}, Listing::history, true);
  EXPECT_NE(std::find(fork.begin(), fork.end(), "Branches into: b4591d8d37bd, 20251203_2148"), fork.end());
  EXPECT_NE(std::find(fork.begin(), fork.end(), "Merges: b4591d8d37bd, 20251203_2148"), fork.end());
}

}  // namespace
}  // namespace godwit::schema::alembic
