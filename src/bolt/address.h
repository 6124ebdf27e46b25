// Where a graph is: bolt://host:7687 and its kin (Neo4j driver manual, "Connection URI"). Pure.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>

namespace godwit::bolt {

enum class Encryption : uint8_t {
  none,
  verified,     // +s: the certificate chains to a known authority and names the host
  self_signed,  // +ssc: encrypted, but nobody's word is taken for who the server is
};

struct Address {
  std::string host;  // without the brackets of IPv6
  int port = 7687;
  Encryption encryption = Encryption::none;

  // "graph.example:7687": what messages may repeat.
  [[nodiscard]] std::string shown() const;
};

// bolt, bolt+s, bolt+ssc, neo4j, neo4j+s and neo4j+ssc. The neo4j schemes mean the same server as the bolt
// ones: one instance is spoken to, no routing table is fetched. ErrorKind::config: no such address, one with
// a user, a password or a routing context in it; the message repeats nothing of it.
[[nodiscard]] Result<Address> parse_address(const std::string& url);

}  // namespace godwit::bolt
