// Pushing, as far as it needs no gateway: where to, and what happens when nobody is there. The rest is
// tests/cli/metrics_push_test.py, against a real one.
#include "report/live/metrics_push.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace godwit::report {
namespace {

std::string url_for(const std::string& url, const std::string& pipeline, const std::string& scope) {
  return std::string(push_url(Secret(url), pipeline, scope).value().reveal());
}

TEST(MetricsPush, TheGroupIsThatOfPipelineAndScope) {
  EXPECT_EQ(url_for("http://gateway:9091", "district", "d-1"),
            "http://gateway:9091/metrics/job/godwit/pipeline/district/scope/d-1");
  EXPECT_EQ(url_for("https://u:p@gateway/", "a b", "x/y"),
            "https://u:p@gateway/metrics/job/godwit/pipeline/a%20b/scope@base64/eC95");
  EXPECT_EQ(url_for("http://gateway", "d", ""),
            "http://gateway/metrics/job/godwit/pipeline/d/scope@base64/=");
  EXPECT_EQ(url_for("http://gateway", "d", "a/"),
            "http://gateway/metrics/job/godwit/pipeline/d/scope@base64/YS8=");
  EXPECT_EQ(url_for("http://gateway", "d", "a/b?"),
            "http://gateway/metrics/job/godwit/pipeline/d/scope@base64/YS9iPw==");
  EXPECT_EQ(url_for("http://gateway/prom/metrics/job/mine", "d", "s"),
            "http://gateway/prom/metrics/job/mine");
  EXPECT_EQ(push_url(Secret("gateway:9091"), "d", "s").error().kind, ErrorKind::usage);
}

TEST(MetricsPush, NobodyThereIsToldOnceAndAtTheEnd) {
  std::atomic<int> told{0}, asked{0};
  PushTarget target;
  target.url = Secret("http://push:s3cret@127.0.0.1:1/metrics/job/t0ken");
  target.every_ms = 1;
  MetricsPush push(
      target,
      [&] {
        ++asked;
        return std::string("# EOF\n");
      },
      [&](const std::string& what) {
        ++told;
        EXPECT_EQ(what.find("s3cret"), std::string::npos);
        EXPECT_EQ(what.find("t0ken"), std::string::npos);
      });
  while (asked < 5) {
    push.offer();
    std::this_thread::yield();
  }
  const std::string problem = push.finish();
  EXPECT_TRUE(problem.starts_with("http://127.0.0.1:1: ")) << problem;
  EXPECT_EQ(told, 1);
}

TEST(MetricsPush, NothingIsSentThatWasNotOffered) {
  PushTarget target;
  target.url = Secret("http://127.0.0.1:1/");
  const MetricsPush push(
      target,
      [] {
        ADD_FAILURE();
        return std::string();
      },
      [](const std::string&) { ADD_FAILURE(); });
}

}  // namespace
}  // namespace godwit::report
