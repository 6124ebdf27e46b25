// A program that never outlives this process, however this process ends, and whose folder goes with it: a
// process of its own watches both. Also: work in a forked copy of this process, which may be killed.
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace godwit::os {

// A new empty folder below `base` that the account may enter which programs started here run as.
// ErrorKind::io.
[[nodiscard]] Result<std::string> make_scratch_folder(const std::string& base, const std::string& name);

struct SupervisedOptions {
  std::string folder;                           // removed at the end; the programs run inside it
  std::vector<std::vector<std::string>> first;  // programs that run before, to their end, paths in front
  std::vector<std::string> program;             // runs until it is ended with SIGQUIT
};

// Programs have no input; their output goes to folder/log. Started by root, they run as "postgres", or as
// "nobody" where there is no such account. One thread at a time; this process must have no other one.
class Supervised {
 public:
  // ErrorKind::io when no process can be made; what becomes of the programs is seen by using them, and by
  // running(). The folder is removed also then.
  [[nodiscard]] static Result<Supervised> start(const SupervisedOptions& options);
  Supervised(Supervised&& other) noexcept;
  Supervised& operator=(Supervised&&) = delete;
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;
  // Ends the program and waits until its folder is gone.
  ~Supervised();

  [[nodiscard]] bool running();

 private:
  Supervised() = default;
  pid_t watcher_ = -1;
  int life_ = -1;  // closed by the kernel when this process ends
};

// Runs `work` in a forked copy of this process and waits: its value (0 to 127), or 128 + the signal that
// ended it. Connections of this process must not be used in there. ErrorKind::io.
[[nodiscard]] Result<int> in_forked_process(const std::function<int()>& work);
// Ends this process as a power failure would.
[[noreturn]] void kill_this_process();

}  // namespace godwit::os
