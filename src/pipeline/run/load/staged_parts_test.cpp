#include "pipeline/run/load/staged_parts.h"

#include <gtest/gtest.h>

#include <future>

namespace godwit::pipeline {
namespace {

TEST(StagedParts, GivesPartsInOrderAndThenTheEnd) {
  StagedParts parts;
  EXPECT_FALSE(parts.handed_over("ids.t"));
  parts.add("ids.t", "a");
  parts.add("ids.t", "b");
  EXPECT_TRUE(parts.handed_over("ids.t"));
  EXPECT_FALSE(parts.handed_over("ids.other"));
  EXPECT_EQ(parts.wait("ids.t", 0).value(), "a");
  EXPECT_EQ(parts.wait("ids.t", 1).value(), "b");
  parts.finish("ids.t");
  EXPECT_EQ(parts.wait("ids.t", 1).value(), "b");
  EXPECT_EQ(parts.wait("ids.t", 2).value(), std::nullopt);
}

TEST(StagedParts, WaitsForAPartThatIsStillToCome) {
  StagedParts parts;
  auto waiting = std::async(std::launch::async, [&] { return parts.wait("ids.t", 0); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  parts.add("ids.other", "x");
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  parts.add("ids.t", "a");
  EXPECT_EQ(waiting.get().value(), "a");
}

TEST(StagedParts, StopRefusesWhoWaitsAndWhoComesLater) {
  StagedParts parts;
  parts.add("ids.t", "a");
  auto waiting = std::async(std::launch::async, [&] { return parts.wait("ids.t", 1); });
  parts.stop();
  EXPECT_EQ(waiting.get().error().kind, ErrorKind::interrupted);
  EXPECT_EQ(parts.wait("ids.t", 0).error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace godwit::pipeline
