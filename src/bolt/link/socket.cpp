#include "bolt/link/socket.h"

#include "bolt/errors.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

namespace godwit::bolt {
namespace {

constexpr int64_t cancel_look_every_ms = 100;
using SteadyClock = std::chrono::steady_clock;  // a timeout of a system call, not the program's time

Error no_answer(const std::string& who, int64_t timeout_ms) {
  return make_error(ErrorKind::unreachable,
                    fmt::format("no answer from {} within {} s", who, (timeout_ms + 999) / 1000),
                    "check host, port, firewall and that the server is not stuck");
}

// poll() in steps, so that the flag is seen. `who` is for the message.
Status wait_for(int descriptor, short events, const Patience& patience, const std::string& who) {
  const auto begin = SteadyClock::now();
  for (;;) {
    if (patience.cancel != nullptr && patience.cancel->load())
      return make_error(ErrorKind::interrupted, "talking to the graph was cancelled");
    int64_t step = patience.cancel == nullptr && patience.timeout_ms == 0 ? -1 : cancel_look_every_ms;
    if (patience.timeout_ms > 0) {
      const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin);
      const int64_t left = patience.timeout_ms - waited.count();
      if (left <= 0) return no_answer(who, patience.timeout_ms);
      step = patience.cancel == nullptr ? left : std::min(step, left);
    }
    pollfd waiting = {descriptor, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min<int64_t>(step, 1 << 30)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return connection_lost();
  }
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> look_up(const Address& address) {
  addrinfo wanted = {};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &list);
  if (error != 0 || list == nullptr) {
    return make_error(ErrorKind::unreachable,
                      "cannot connect to " + address.shown() + ": the name of the host cannot be resolved",
                      "check the host of this store");
  }
  return Addresses(list);
}

Error cannot_connect(const Address& address, int error) {
  std::string reason = std::generic_category().message(error);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return make_error(ErrorKind::unreachable, "cannot connect to " + address.shown() + ": " + reason,
                    "check host, port and that the server runs; Bolt is on 7687 where nobody changed it");
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<Socket> Socket::connect(const Address& address, const Patience& patience) {
  ASSIGN_OR_RETURN(const Addresses list, look_up(address));
  const auto begin = SteadyClock::now();
  Error last = cannot_connect(address, ECONNREFUSED);
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket candidate(socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
    if (candidate.descriptor_ < 0) {
      last = cannot_connect(address, errno);
      continue;
    }
    const int on = 1;
    // Small requests leave at once; a peer that vanished is noticed.
    setsockopt(candidate.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(candidate.descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    int error = ::connect(candidate.descriptor_, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      Patience rest = patience;
      if (patience.timeout_ms > 0) {
        const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin);
        rest.timeout_ms = std::max<int64_t>(1, patience.timeout_ms - waited.count());
      }
      if (const Status ready = wait_for(candidate.descriptor_, POLLOUT, rest, address.shown()); !ready.ok()) {
        if (ready.error().kind == ErrorKind::interrupted) return ready.error();
        last = patience.timeout_ms > 0 ? no_answer(address.shown(), patience.timeout_ms) : ready.error();
        continue;
      }
      socklen_t size = sizeof error;
      getsockopt(candidate.descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return candidate;
    last = cannot_connect(address, error);
  }
  return last;
}

Result<std::optional<size_t>> Socket::read_now(char* out, size_t size) {
  for (;;) {
    const ssize_t got = recv(descriptor_, out, size, 0);
    if (got >= 0) return std::optional<size_t>(static_cast<size_t>(got));
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<size_t>();
    if (errno != EINTR) return connection_lost();
  }
}

Result<std::optional<size_t>> Socket::write_now(std::string_view data) {
  for (;;) {
    const ssize_t sent = send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent >= 0) return std::optional<size_t>(static_cast<size_t>(sent));
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<size_t>();
    if (errno != EINTR) return connection_lost();
  }
}

Status Socket::wait(bool to_write, const Patience& patience) const {
  return wait_for(descriptor_, to_write ? POLLOUT : POLLIN, patience, "the graph");
}

}  // namespace godwit::bolt
