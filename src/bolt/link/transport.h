// The byte stream of a connection: TCP, with TLS (OpenSSL) around it where the address asks for it.
#pragma once

#include "base/result.h"
#include "bolt/link/socket.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace godwit::bolt {

struct TlsState;

// One thread at a time.
class Transport {
 public:
  // `root_certificate`: a PEM file of authorities for Encryption::verified; empty = the system's.
  // ErrorKind::unreachable, also for a certificate that does not stand up; config: the file cannot be read;
  // interrupted.
  [[nodiscard]] static Result<std::unique_ptr<Transport>> connect(const Address& address,
                                                                  const std::string& root_certificate,
                                                                  const Patience& patience);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  // All of it. ErrorKind::unreachable, interrupted: then it is unknown how much was sent, and the connection
  // is of no more use.
  [[nodiscard]] Status write(std::string_view data, const Patience& patience);
  // At least one byte. ErrorKind::unreachable (also when the peer has closed), interrupted: nothing was
  // taken.
  [[nodiscard]] Result<size_t> read(char* out, size_t size, const Patience& patience);

 private:
  explicit Transport(Socket socket);
  [[nodiscard]] Status start_tls(const Address& address, const std::string& root_certificate,
                                 const Patience& patience);
  // After OpenSSL could not go on: waits for what it wants.
  [[nodiscard]] Status wait_for_tls(int result, const Patience& patience);

  Socket socket_;
  std::unique_ptr<TlsState> tls_;
};

}  // namespace godwit::bolt
