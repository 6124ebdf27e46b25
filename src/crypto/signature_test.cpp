#include "crypto/signature.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::crypto {
namespace {

// RFC 8032, 7.1, test 2: the seed behind the prefix of PKCS #8, the public key behind that of
// SubjectPublicKeyInfo (RFC 8410), the message 0x72.
constexpr const char* private_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* public_key = "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
constexpr const char* signature =
    "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";
constexpr const char* message = "\x72";

TEST(Signature, IsThatOfTheStandard) {
  const auto key = SigningKey::parse(Secret(private_pem));
  ASSERT_TRUE(key.ok()) << key.error().text();
  EXPECT_EQ(key->public_key(), public_key);
  EXPECT_EQ(*key->sign(message), signature);
  EXPECT_TRUE(*is_signed(public_key, message, signature));
}

TEST(Signature, KeysAreReadAlsoWithoutTheirFrameOrLineEnds) {
  std::string line = private_pem;
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  EXPECT_EQ(SigningKey::parse(Secret(line))->public_key(), public_key);
  const std::string framed =
      std::string("-----BEGIN PUBLIC KEY-----\n") + public_key + "\n-----END PUBLIC KEY-----\n";
  EXPECT_EQ(*public_key_of(framed), public_key);
  EXPECT_EQ(*public_key_of(std::string(" ") + public_key + "\n"), public_key);
}

TEST(Signature, OfSomethingElseIsNone) {
  EXPECT_FALSE(*is_signed(public_key, "s", signature));
  EXPECT_FALSE(*is_signed(public_key, "", signature));
  std::string changed = signature;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(*is_signed(public_key, message, changed));
  for (const char* none : {"", "AAAA", "no base64", "=="})
    EXPECT_FALSE(*is_signed(public_key, message, none)) << none;
  // Another key: one bit of it, still a point or not, must not do.
  EXPECT_FALSE(
      *is_signed("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", message, signature));
}

TEST(Signature, WhatIsNoKeyIsSaidSoAndNotRepeated) {
  for (const char* text : {"", "secret words", "-----BEGIN PRIVATE KEY-----\nAAAA", public_key,
                           "MC4CAQAwBQYDK2VuBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7"}) {
    const auto key = SigningKey::parse(Secret(text));
    ASSERT_FALSE(key.ok()) << text;
    EXPECT_EQ(key.error().kind, ErrorKind::config);
    EXPECT_TRUE(*text == '\0' || key.error().text().find(text) == std::string::npos);
  }
  for (const char* text : {"", "AAAA", "MCowBQYDK2VuAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="}) {
    EXPECT_FALSE(public_key_of(text).ok()) << text;
    EXPECT_FALSE(is_signed(text, message, signature).ok()) << text;
  }
}

}  // namespace
}  // namespace godwit::crypto
