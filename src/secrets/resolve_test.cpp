#include "secrets/resolve.h"

#include "base/test_folder.h"
#include "config/load.h"
#include "os/files.h"

#include <gtest/gtest.h>

#include <map>

namespace godwit {
namespace {

EnvironmentLookup lookup(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

class Resolve : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(os::write_file(folder_ + "/" + name, content).ok());
    return folder_ + "/" + name;
  }

  // One postgres store `ids` with the given addresses, and one sqlite store.
  Settings settings(const std::string& prod, const std::string& cert,
                    const std::string& environments = "cert: {}") {
    auto loaded = load_settings(write("godwit.yml", R"(version: 1
project: p
keys: {masking: "${env:KEY}"}
environments: {prod: {read_only: true}, )" + environments +
                                                        R"(}
stores:
  ids: {kind: postgres, prod: )" + prod + R"(, cert: )" +
                                                        cert + R"(}
  lite: {kind: sqlite, prod: {path: a/p.db}, cert: {path: /abs/c.db}}
pipelines:
  move: {from: prod, to: cert, stores: [ids, lite], scope: {root: ids.districts.id}}
)"));
    EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().message);
    return loaded.ok() ? *loaded : Settings();
  }
  Result<ResolvedPipeline> resolve_move(const Settings& settings, std::map<std::string, std::string> values) {
    return resolve(settings, settings.pipelines.at("move"), lookup(std::move(values)));
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

constexpr const char* fields = R"({host: h, database: d, user: u, password: "${env:PW}"})";
const std::string key = "0123456789abcdef";

TEST_F(Resolve, FieldsAndPathsBecomeEndpoints) {
  const auto config =
      settings(R"({host: "db-${env:REGION}.example", port: 6000, database: d, user: u, schema: s,
           password: "${env:PW}", tls: require, connect_timeout_s: 3})",
               fields);
  const auto out = resolve_move(config, {{"KEY", key}, {"PW", "secret"}, {"REGION", "eu"}});
  ASSERT_TRUE(out.ok()) << out.error().text();
  ASSERT_EQ(out->sources.size(), 2U);
  const StoreEndpoint& prod = out->sources[0];
  EXPECT_EQ(prod.host, "db-eu.example");
  EXPECT_EQ(prod.port, 6000);
  EXPECT_EQ(prod.password.reveal(), "secret");
  EXPECT_EQ(prod.tls, TlsMode::require);
  EXPECT_EQ(prod.connect_timeout_s, 3);
  EXPECT_EQ(prod.search_path_schema, "s");
  EXPECT_TRUE(prod.read_only);
  EXPECT_EQ(out->targets[0].tls, TlsMode::verify_full);
  EXPECT_EQ(out->targets[0].port, 5432);
  EXPECT_FALSE(out->targets[0].read_only);
  EXPECT_EQ(out->sources[1].path, folder_ + "/a/p.db");
  EXPECT_EQ(out->targets[1].path, "/abs/c.db");
  EXPECT_EQ(out->masking_key.reveal(), key);
}

TEST_F(Resolve, AllMissingSecretsAreNamedAtOnce) {
  const auto config = settings(R"({host: h, database: d, user: u, password: "${env:PROD_PW}"})",
                               R"({host: h, database: d, user: u, password: "${file:none.txt}"})");
  const auto out = resolve_move(config, {{"KEY", ""}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().kind, ErrorKind::missing_secret);
  EXPECT_EQ(out.error().exit_code(), 2);
  const std::string file = folder_ + "/godwit.yml";
  EXPECT_EQ(out.error().message, file + ":3:17: environment variable KEY is set but empty\n" + file +
                                     ":6:73: environment variable PROD_PW is not set\n" + file +
                                     ":6:140: there is no file " + folder_ + "/none.txt");
  EXPECT_EQ(out.error().where.line, 3);
}

TEST_F(Resolve, UrlsInsertCredentialsEncoded) {
  const auto config = settings(R"({url: "postgres://${env:U}:${env:PW}@${env:HOST}/d?sslmode=require"})",
                               R"({url: "${env:URL}", tls: disable})");
  const auto out = resolve_move(config, {{"KEY", key},
                                         {"U", "me"},
                                         {"PW", "a@b/c:d"},
                                         {"HOST", "db.example:6000"},
                                         {"URL", "postgresql://u@h/d?connect_timeout=1&sslmode=disable"}});
  ASSERT_TRUE(out.ok()) << out.error().text();
  EXPECT_EQ(out->sources[0].url.reveal(), "postgres://me:a%40b%2fc%3ad@db.example:6000/d?sslmode=require");
  EXPECT_EQ(out->sources[0].tls, TlsMode::require);
  EXPECT_EQ(out->targets[0].tls, TlsMode::disable);
}

TEST_F(Resolve, ContradictingOrUnknownTlsIsRefused) {
  const auto config =
      settings(R"({url: "postgres://h/d?sslmode=allow"})", R"({url: "${env:URL}", tls: require})");
  const auto out = resolve_move(config, {{"KEY", key}, {"URL", "postgres://h/d?sslmode=disable"}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().kind, ErrorKind::config);
  EXPECT_NE(out.error().message.find("stores.ids.prod: the url's sslmode is none of"), std::string::npos);
  EXPECT_NE(out.error().message.find(
                "stores.ids.cert: the url says sslmode=disable, the key beside it tls: require"),
            std::string::npos);
}

TEST_F(Resolve, AUrlOfAnotherSchemeIsRefusedWithoutShowingIt) {
  const auto out = resolve_move(settings(R"({url: "${env:URL}"})", fields),
                                {{"KEY", key}, {"PW", "x"}, {"URL", "mysql://u:hunter2@h/d"}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().kind, ErrorKind::config);
  EXPECT_EQ(out.error().message.find("hunter2"), std::string::npos);
}

TEST_F(Resolve, AReadOnlyTargetIsAGate) {
  const auto out =
      resolve_move(settings(fields, fields, "cert: {read_only: true}"), {{"KEY", key}, {"PW", "x"}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().kind, ErrorKind::gate);
  EXPECT_EQ(out.error().exit_code(), 6);
}

TEST_F(Resolve, AShortKeyIsRefused) {
  const auto out = resolve_move(settings(fields, fields), {{"KEY", "short"}, {"PW", "x"}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().kind, ErrorKind::config);
  EXPECT_EQ(out.error().message.find("short:"), std::string::npos);
}

TEST_F(Resolve, OtherProvidersAreRefusedByName) {
  for (const std::string reference :
       {"${op://vault/item/field}", "${aws-sm:id#json.key}", "${vault:mount/path#key}", "${age:file#key}"}) {
    const auto secret = resolve_secret({reference, {}}, lookup({}));
    ASSERT_FALSE(secret.ok()) << reference;
    EXPECT_EQ(secret.error().kind, ErrorKind::config);
    EXPECT_NE(secret.error().message.find("this build does not have"), std::string::npos)
        << secret.error().message;
  }
}

TEST_F(Resolve, SeveralReferencesInOneText) {
  write("pw.txt", "from file\r\n");
  const SecretText text{"a ${env:A} b ${file:pw.txt} ${env:A}", {folder_ + "/godwit.yml", 1, 1}};
  const auto secret = resolve_secret(text, lookup({{"A", "x"}}));
  ASSERT_TRUE(secret.ok()) << secret.error().text();
  EXPECT_EQ(secret->reveal(), "a x b from file x");
  EXPECT_EQ(resolve_secret({"plain", {}}, lookup({})).value().reveal(), "plain");
  EXPECT_EQ(resolve_secret({"${nonsense}", {}}, lookup({})).error().kind, ErrorKind::config);
}

TEST_F(Resolve, TheLedgerIsAPathOrAUrl) {
  Settings config = settings(fields, fields);
  EXPECT_EQ(resolve_ledger(config, lookup({})).value().reveal(), folder_ + "/.godwit/ledger.db");
  config.ledger.written = "postgres://u:${env:PW}@h/ledger";
  EXPECT_EQ(resolve_ledger(config, lookup({{"PW", "p p"}})).value().reveal(), "postgres://u:p%20p@h/ledger");
}

TEST_F(Resolve, OneStoreAlone) {
  const Settings config = settings(fields, fields);
  EXPECT_EQ(resolve_store(config, "lite", "prod", lookup({})).value().path, folder_ + "/a/p.db");
  EXPECT_EQ(resolve_store(config, "none", "prod", lookup({})).error().kind, ErrorKind::config);
  EXPECT_NE(tls_hint(resolve_store(config, "ids", "prod", lookup({{"PW", "x"}})).value()).find("localhost"),
            std::string::npos);
}

}  // namespace
}  // namespace godwit
