#include "bolt/errors.h"

#include <gtest/gtest.h>

namespace godwit::bolt {
namespace {

TEST(BoltErrors, KindsOfCodes) {
  EXPECT_EQ(kind_of("Neo.ClientError.Security.Unauthorized"), ErrorKind::credentials);
  EXPECT_EQ(kind_of("Neo.ClientError.Security.Forbidden"), ErrorKind::credentials);
  EXPECT_EQ(kind_of("Neo.ClientError.Security.AuthenticationRateLimit"), ErrorKind::credentials);
  EXPECT_EQ(kind_of("Neo.ClientError.Security.NotInventedYet"), ErrorKind::credentials);
  EXPECT_EQ(kind_of("Neo.ClientError.Database.DatabaseNotFound"), ErrorKind::unreachable);
  EXPECT_EQ(kind_of("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase"), ErrorKind::gate);
  EXPECT_EQ(kind_of("Neo.ClientError.Statement.AccessMode"), ErrorKind::gate);
  EXPECT_EQ(kind_of("Neo.ClientError.Schema.ConstraintValidationFailed"), ErrorKind::failed);
  EXPECT_EQ(kind_of("Neo.DatabaseError.General.UnknownError"), ErrorKind::failed);
  EXPECT_EQ(kind_of("Something.Else"), ErrorKind::failed);
  EXPECT_EQ(kind_of(""), ErrorKind::failed);
}

TEST(BoltErrors, WhatADriverTriesAgainIsRetryable) {
  for (const char* code :
       {"Neo.TransientError.Transaction.DeadlockDetected",
        "Neo.TransientError.Transaction.LockAcquisitionTimeout",
        "Neo.TransientError.General.DatabaseUnavailable",
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError", "Neo.TransientError.NotInventedYet",
        "Neo.ClientError.Security.AuthorizationExpired", "Neo.ClientError.Cluster.NotALeader"}) {
    EXPECT_TRUE(info(kind_of(code)).retryable) << code;
  }
  EXPECT_EQ(kind_of("Neo.TransientError.Transaction.DeadlockDetected"), ErrorKind::locked);
  // Told to end, by a person or the server: not again.
  EXPECT_FALSE(info(kind_of("Neo.TransientError.Transaction.Terminated")).retryable);
  EXPECT_FALSE(info(kind_of("Neo.TransientError.Transaction.LockClientStopped")).retryable);
}

TEST(BoltErrors, TheServersWordsAreNotRepeated) {
  const Error duplicate =
      error_from("Neo.ClientError.Schema.ConstraintValidationFailed",
                 "Node(7) already exists with label `Person` and property `ssn` = '123-45-6789'");
  EXPECT_EQ(duplicate.message, "the graph refused: Neo.ClientError.Schema.ConstraintValidationFailed");
  const Error syntax =
      error_from("Neo.ClientError.Statement.SyntaxError",
                 "Invalid input 'secret': expected … (line 12, column 34 (offset: 5))\n\"secret\"");
  EXPECT_EQ(syntax.message, "the graph refused: Neo.ClientError.Statement.SyntaxError at line 12, column 34");
}

TEST(BoltErrors, AHostileCodeIsCutToWhatACodeMayHold) {
  const Error error = error_from("\x1b[31mNeo\n" + std::string(1000, 'x'), "");
  EXPECT_EQ(error.message.find('\x1b'), std::string::npos);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
  EXPECT_LT(error.message.size(), 200U);
  EXPECT_EQ(error_from("", "words").message, "the graph refused: no code");
}

}  // namespace
}  // namespace godwit::bolt
