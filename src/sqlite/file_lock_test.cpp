#include "sqlite/file_lock.h"

#include "base/test_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace godwit::sqlite {
namespace {

class FileLockTest : public ::testing::Test {
 protected:
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(FileLockTest, NamesTheHolderAndDiesWithIt) {
  const std::string path = folder_ + "/a.lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = FileLock::acquire(path, {4711, "far-host", "godwit", 1'000'000}, 0);
    if (::write(ready[1], lock.ok() ? "y" : "n", 1) != 1) ::_exit(1);
    for (;;)
      ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const auto refused = FileLock::acquire(path, {1, "here", "godwit", 0}, 61'000'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::locked);
  EXPECT_NE(refused.error().message.find("pid 4711 on far-host"), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(FileLock::acquire(path, {1, "here", "godwit", 0}, 0).ok());
  EXPECT_FALSE(std::filesystem::exists(path)) << "released: the file is gone";
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(FileLockTest, IdentityFollowsTheFileNotItsName) {
  std::ofstream(folder_ + "/a") << "x";
  std::ofstream(folder_ + "/b") << "x";
  std::filesystem::create_symlink(folder_ + "/a", folder_ + "/c");
  EXPECT_EQ(*file_identity(folder_ + "/a"), *file_identity(folder_ + "/c"));
  EXPECT_NE(*file_identity(folder_ + "/a"), *file_identity(folder_ + "/b"));
  EXPECT_FALSE(file_identity(folder_ + "/d").ok());
}

}  // namespace
}  // namespace godwit::sqlite
