// A library that is loaded when it is first needed: most commands need few of them, and resolving the symbols
// of one that pulls twenty others takes longer than such a command.
//
// A folder that owns a foreign library lists the functions it calls in a macro that takes a macro, and has a
// struct of pointers to them, named as in the library's own header, whose signatures they take
// (GODWIT_LIBRARY_POINTER). The struct's `static Result<X> load()` fills one (GODWIT_LIBRARY_RESOLVE, with a
// SharedLibrary `library` and an X `functions`); load_once<X>() and loaded<X>() do the rest.
#pragma once

#include "base/check.h"
#include "base/result.h"

#include <string>

namespace godwit {

class SharedLibrary {
 public:
  // From any thread. Where the system's loader and the binary's run path find `file_name`; never unloaded,
  // its threads may outlive everything else. ErrorKind::config, with `hint`, when it is not there.
  [[nodiscard]] static Result<SharedLibrary> load(const std::string& file_name, const std::string& hint);
  // ErrorKind::config when the library has no such function.
  [[nodiscard]] Result<void*> find(const char* function) const;

 private:
  std::string file_name_, hint_;
  void* handle_ = nullptr;
};

// What Functions::load() made, once per process, from any thread.
template <typename Functions>
[[nodiscard]] const Result<Functions>& load_once() {
  static const Result<Functions> made = Functions::load();
  return made;
}

// After load_once() succeeded.
template <typename Functions>
[[nodiscard]] const Functions& loaded() {
  CHECK(load_once<Functions>().ok());
  return *load_once<Functions>();
}

}  // namespace godwit

#define GODWIT_LIBRARY_POINTER(name) decltype(&::name) name = nullptr;
#define GODWIT_LIBRARY_RESOLVE(name)                                    \
  {                                                                     \
    ASSIGN_OR_RETURN(void* const found, library.find(#name));           \
    functions.name = reinterpret_cast<decltype(functions.name)>(found); \
  }
