#include "net/url.h"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

TEST(Url, ShowsSchemeHostAndPortOnly) {
  const Url url = parse_url("https://push:s3cret@gateway.example:9091/metrics/job/t0ken?key=k").value();
  EXPECT_EQ(url.shown, "https://gateway.example:9091");
  EXPECT_EQ(url.path, "/metrics/job/t0ken");
  EXPECT_TRUE(url.has_user);
  EXPECT_EQ(parse_url("http://[::1]").value().shown, "http://[::1]");
  EXPECT_EQ(parse_url("HTTP://host").value().path, "/");
  EXPECT_TRUE(parse_url("http://token@host/").value().has_user);
  EXPECT_FALSE(parse_url("http://host/user@path").value().has_user);
}

TEST(Url, RefusesWhatIsNoneAndRepeatsNothing) {
  for (const std::string text : {"", "/var/lib/run.prom", "ftp://u:s3cret@host/", "file:///etc/passwd",
                                 "http://", "http://u:s3cret@host:port/", "https://a b/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::usage);
    EXPECT_EQ(url.error().text().find("s3cret"), std::string::npos);
  }
}

TEST(Url, TakesAnotherPath) {
  EXPECT_EQ(with_path("http://u:p@host:91", "/metrics/job/a%20b").value(),
            "http://u:p@host:91/metrics/job/a%20b");
}

TEST(Url, EncodesASegment) {
  EXPECT_EQ(path_segment("district-001_~.x"), "district-001_~.x");
  EXPECT_EQ(path_segment("a/b ü%"), "a%2Fb%20%C3%BC%25");
}

}  // namespace
}  // namespace godwit::net
