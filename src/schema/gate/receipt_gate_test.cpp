#include "schema/gate/receipt_gate.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

constexpr int64_t now_us = 1'795'000'000'000'000;
constexpr int64_t hour_us = 3'600'000'000;
// The key of RFC 8032, 7.1, test 2, and that of test 1.
constexpr const char* private_key = "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7";
constexpr const char* other_public_key = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override { return schema::now_us; }
  [[nodiscard]] int64_t monotonic_us() const override { return schema::now_us; }
  void sleep_ms(int64_t /*duration_ms*/) const override {}
};

crypto::SigningKey key() {
  return *crypto::SigningKey::parse(Secret(private_key));
}

ReceiptGate gate() {
  ReceiptGate gate;
  gate.required = true;
  gate.trusted_keys = {other_public_key, key().public_key()};
  return gate;
}

std::string signed_receipt(bool success = true) {
  const StoppedClock clock;
  Services services;
  services.clock = &clock;
  services.actor = "Zoë \"quoted\" \\ \n";
  Target target;
  target.database = "app";
  target.environment = "production";
  Rehearsal rehearsal;
  rehearsal.plan_hash = "hash";
  rehearsal.server_major = 15;
  rehearsal.migrations = {{"1", "1_a.sql", "aa", "da"}, {"2", "2_b.sql", "bb", ""}};
  rehearsal.live = rehearsal.start = "start";
  rehearsal.end = "end";
  if (!success) rehearsal.findings = {"something"};
  return *sign_receipt(document_of(rehearsal, target, services), key());
}

ReceiptQuestion question() {
  return {"app", "production", "hash", {{"1", "aa", "da"}, {"2", "bb", ""}}, "start", 15, now_us + hour_us};
}

std::string refused(const Status& status) {
  if (status.ok()) return "";
  EXPECT_EQ(status.error().kind, ErrorKind::gate);
  return status.error().message;
}

TEST(ReceiptGate, WhatWasRehearsedIsOpen) {
  const Status open = check_receipt(gate(), *read_receipt(signed_receipt()), question());
  EXPECT_TRUE(open.ok()) << open.error().text();
}

TEST(ReceiptGate, LayoutIsNotSignedAndEverythingElseIs) {
  const std::string text = signed_receipt();
  std::string other_layout = text;
  std::erase(other_layout, '\n');
  EXPECT_TRUE(check_receipt(gate(), *read_receipt(other_layout), question()).ok());
  size_t changed = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > 'z') continue;
    // The last digit of the signature's base64 has bits that say nothing.
    if (text.compare(at + 1, 3, "==\"") == 0) continue;
    std::string tampered = text;
    tampered[at] = text[at] == 'b' ? 'c' : 'b';
    const auto receipt = read_receipt(tampered);
    if (!receipt.ok()) continue;
    ++changed;
    EXPECT_FALSE(check_receipt(gate(), *receipt, question()).ok()) << tampered;
  }
  EXPECT_GT(changed, 400U);
}

TEST(ReceiptGate, OfAnythingElseItDoesNotCount) {
  const Receipt receipt = *read_receipt(signed_receipt());
  for (const auto& [change, said] : std::vector<std::pair<void (*)(ReceiptQuestion&), const char*>>{
           {[](ReceiptQuestion& one) { one.database = "other"; }, "another database or environment"},
           {[](ReceiptQuestion& one) { one.environment = "staging"; }, "another database or environment"},
           {[](ReceiptQuestion& one) { one.plan_hash = "other"; }, "another plan"},
           {[](ReceiptQuestion& one) { one.migrations[1].sha256 = "cc"; }, "files are not those"},
           {[](ReceiptQuestion& one) { one.migrations[0].down_sha256 = "db"; }, "files are not those"},
           {[](ReceiptQuestion& one) { one.migrations[1].down_sha256 = "new"; }, "files are not those"},
           {[](ReceiptQuestion& one) { one.migrations.pop_back(); }, "files are not those"},
           {[](ReceiptQuestion& one) { one.server_major = 16; }, "another major version"},
           {[](ReceiptQuestion& one) { one.live_fingerprint = "drifted"; }, "not the one that the rehearsal"},
           {[](ReceiptQuestion& one) { one.now_us = now_us + 73 * hour_us; }, "too old"},
           {[](ReceiptQuestion& one) { one.now_us = now_us - hour_us; }, "of the future"}}) {
    ReceiptQuestion other = question();
    change(other);
    EXPECT_NE(refused(check_receipt(gate(), receipt, other)).find(said), std::string::npos) << said;
  }
}

// One that was made before receipts spoke of the way back counts for the way up, and for no file down.
TEST(ReceiptGate, TheWayBack) {
  Receipt receipt = *read_receipt(signed_receipt());
  ReceiptQuestion back = question();
  back.migrations = {{"1", "aa", "da"}};
  EXPECT_NE(refused(check_way_back(gate(), receipt, back)).find("went no way back"), std::string::npos);
  receipt.went_back = true;
  EXPECT_TRUE(check_way_back(gate(), receipt, back).ok());
  back.now_us = now_us + 1000 * hour_us;
  EXPECT_TRUE(check_way_back(gate(), receipt, back).ok());
  for (const RehearsedFiles& other : {RehearsedFiles{"1", "aa", "db"}, RehearsedFiles{"1", "ab", "da"},
                                      RehearsedFiles{"1", "aa", ""}, RehearsedFiles{"3", "aa", "da"}}) {
    back.migrations = {other};
    EXPECT_NE(refused(check_way_back(gate(), receipt, back)).find("not those that were rehearsed"),
              std::string::npos);
  }
  for (RehearsedFiles& files : receipt.migrations)
    files.down_sha256.reset();
  EXPECT_TRUE(check_receipt(gate(), receipt, question()).ok());
  back.migrations = {{"1", "aa", "da"}};
  EXPECT_FALSE(check_way_back(gate(), receipt, back).ok());
  back.migrations = {{"2", "bb", ""}};
  EXPECT_TRUE(check_way_back(gate(), receipt, back).ok());
  receipt.signature.clear();
  EXPECT_NE(refused(check_way_back(gate(), receipt, back)).find("not signed"), std::string::npos);
}

TEST(ReceiptGate, WhoseWordItIs) {
  const Receipt receipt = *read_receipt(signed_receipt());
  ReceiptGate other = gate();
  other.trusted_keys = {other_public_key};
  EXPECT_NE(refused(check_receipt(other, receipt, question())).find("not trusted"), std::string::npos);
  other.trusted_keys.clear();
  EXPECT_NE(refused(check_receipt(other, receipt, question())).find("no key is trusted"), std::string::npos);
  Receipt claimed = receipt;  // the name of a trusted key over the signature of another one
  claimed.public_key = other_public_key;
  EXPECT_NE(refused(check_receipt(gate(), claimed, question())).find("signature is wrong"),
            std::string::npos);
  Receipt plain = receipt;
  plain.signature.clear();
  EXPECT_NE(refused(check_receipt(gate(), plain, question())).find("not signed"), std::string::npos);
  other.trusted_keys = {"no key"};
  EXPECT_EQ(check_receipt(other, receipt, question()).error().kind, ErrorKind::config);
}

TEST(ReceiptGate, ARehearsalWithFindingsDoesNotCount) {
  const Receipt receipt = *read_receipt(signed_receipt(false));
  EXPECT_NE(refused(check_receipt(gate(), receipt, question())).find("something wrong"), std::string::npos);
  EXPECT_FALSE(check_receipt_itself(gate(), receipt, now_us).ok());
}

TEST(ReceiptGate, WhatIsNoReceiptIsSaidSo) {
  for (const char* text : {"", "[]", "{", "{\"version\": 2}", "{\"version\": \"1\"}", "{\"version\": 1}",
                           "{\"version\": 1e300}", "{\"version\": true}"})
    EXPECT_FALSE(read_receipt(text).ok()) << text;
}

}  // namespace
}  // namespace godwit::schema
