#include "schema/convert/address.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

struct Read {
  bool known = false;
  StoreEnvironmentSettings address;
  std::vector<std::string> notes;
};
Read read(std::string_view url) {
  Read out;
  out.known = read_database_url(url, "DB_PASSWORD", "here", out.address, out.notes);
  return out;
}

TEST(ConvertAddress, EveryPartOfAUrl) {
  const Read found = read("postgresql+psycopg2://app%40x:s%2Fcret@db.example:6432/shop?sslmode=require");
  ASSERT_TRUE(found.known);
  EXPECT_EQ(found.address.user.written, "app@x");
  EXPECT_EQ(found.address.password.written, "${env:DB_PASSWORD}");
  EXPECT_EQ(found.address.host.written, "db.example");
  EXPECT_EQ(found.address.port, 6432);
  EXPECT_EQ(found.address.database.written, "shop");
  EXPECT_EQ(found.address.tls, TlsMode::require);
  ASSERT_EQ(found.notes.size(), 1U);
  EXPECT_EQ(found.notes[0].find("cret"), std::string::npos);
}

TEST(ConvertAddress, JdbcWithParameters) {
  const Read found =
      read("jdbc:postgresql://[::1]/shop?user=me&password=secret&currentSchema=app&ApplicationName=x");
  ASSERT_TRUE(found.known);
  EXPECT_EQ(found.address.host.written, "::1");
  EXPECT_EQ(found.address.user.written, "me");
  EXPECT_EQ(found.address.password.written, "${env:DB_PASSWORD}");
  EXPECT_EQ(found.address.schema, "app");
  EXPECT_EQ(found.address.tls, TlsMode::prefer);
  EXPECT_TRUE(found.address.tls_given);
  EXPECT_EQ(found.notes.size(), 3U);
}

TEST(ConvertAddress, ReferencesStayReferences) {
  const Read found = read("postgres://${DB_USER}:${env.DB_PASS}@${DB_HOST}:${DB_PORT}/${DB_NAME}");
  ASSERT_TRUE(found.known);
  EXPECT_EQ(found.address.user.written, "${env:DB_USER}");
  EXPECT_EQ(found.address.password.written, "${env:DB_PASS}");
  EXPECT_EQ(found.address.host.written, "${env:DB_HOST}");
  EXPECT_EQ(found.address.port_reference.written, "${env:DB_PORT}");
  EXPECT_EQ(found.address.database.written, "${env:DB_NAME}");
}

TEST(ConvertAddress, Sqlite) {
  EXPECT_EQ(read("sqlite:///app.db").address.path.written, "app.db");
  EXPECT_EQ(read("sqlite:////var/app.db").address.path.written, "/var/app.db");
  EXPECT_EQ(read("jdbc:sqlite:data/app.db?x=1").address.path.written, "data/app.db");
}

TEST(ConvertAddress, OtherKindsAreLeftAlone) {
  for (const char* url : {"mysql://u:p@h/d", "jdbc:oracle:thin:@h", "h", ""}) {
    const Read found = read(url);
    EXPECT_FALSE(found.known) << url;
    EXPECT_TRUE(found.address.password.empty()) << url;
  }
}

}  // namespace
}  // namespace godwit::schema
