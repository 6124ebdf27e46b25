#include "os/files.h"

#include "base/test_folder.h"
#include "os/process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace godwit::os {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_folder(folder_ + "/a/b").ok()); }
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(FilesTest, WritesWholeFilesWithPrivateModes) {
  const std::string path = folder_ + "/a/b/file";
  ASSERT_TRUE(write_file(path, "one").ok());
  ASSERT_TRUE(write_file(path, "two").ok());
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_FALSE(exists(path + ".tmp"));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((folder_ + "/a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

TEST_F(FilesTest, MissingIsNotAFailureWhereAsked) {
  EXPECT_FALSE(read_file_if_exists(folder_ + "/none").value().has_value());
  EXPECT_EQ(read_file(folder_ + "/none").error().kind, ErrorKind::io);
  EXPECT_TRUE(list_folder(folder_ + "/none").value().empty());
}

TEST_F(FilesTest, LinesAreAppended) {
  const std::string path = folder_ + "/log";
  {
    auto log = LineFile::open(path);
    ASSERT_TRUE(log.ok());
    log->append("a");
    log->append("b");
  }
  EXPECT_EQ(read_file(path).value(), "a\nb\n");
}

TEST(Process, Facts) {
  EXPECT_TRUE(process_exists(process_id()));
  EXPECT_GT(peak_memory_bytes(), 1'000'000);
  EXPECT_GT(free_disk_bytes("/tmp").value(), 0);
  EXPECT_NE(random_number(), random_number());
}

}  // namespace
}  // namespace godwit::os
