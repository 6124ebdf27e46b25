#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace godwit {
namespace {

TEST(Parallel, DoesEveryThingOnce) {
  for (const size_t lanes : {1U, 2U, 7U}) {
    std::vector<std::atomic<int>> done(100);
    EXPECT_TRUE(in_parallel(done.size(), lanes, [&](size_t index, size_t lane) -> Status {
                  EXPECT_LT(lane, lanes);
                  ++done[index];
                  return {};
                }).ok());
    for (const auto& times : done)
      EXPECT_EQ(times, 1);
  }
}

TEST(Parallel, LanesWorkAtTheSameTime) {
  std::mutex mutex;
  std::condition_variable met;
  std::set<size_t> lanes;
  EXPECT_TRUE(in_parallel(2, 2, [&](size_t, size_t lane) -> Status {
                std::unique_lock lock(mutex);
                lanes.insert(lane);
                met.notify_all();
                met.wait(lock, [&] { return lanes.size() == 2; });
                return {};
              }).ok());
}

TEST(Parallel, OneLaneIsTheCaller) {
  const auto caller = std::this_thread::get_id();
  EXPECT_TRUE(in_parallel(3, 1, [&](size_t, size_t) -> Status {
                EXPECT_EQ(std::this_thread::get_id(), caller);
                return {};
              }).ok());
}

TEST(Parallel, AnErrorEndsItAndTheLowestIsTold) {
  std::atomic<int> begun{0};
  const Status status = in_parallel(1000, 2, [&](size_t index, size_t) -> Status {
    ++begun;
    return make_error(ErrorKind::failed, "thing " + std::to_string(index));
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "thing 0");
  EXPECT_LE(begun, 4);
}

TEST(Parallel, NothingIsFine) {
  EXPECT_TRUE(
      in_parallel(0, 4, [](size_t, size_t) -> Status { return make_error(ErrorKind::failed, "no"); }).ok());
}

}  // namespace
}  // namespace godwit
