// A library that is loaded when it is first needed: most commands need few of them, and resolving the symbols
// of one that pulls twenty others takes longer than such a command.
//
// A folder that owns a foreign library lists the functions it calls, in a macro like
//   #define GODWIT_X_FUNCTIONS(FUNCTION) FUNCTION(x_open) FUNCTION(x_close)
// and has a struct of pointers, named as in the library's own header, whose signatures they take:
//   struct X { GODWIT_X_FUNCTIONS(GODWIT_LIBRARY_POINTER) };
//   Result<X> load() {
//     ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libx.so.1", "install package
//     libx1")); X functions; GODWIT_X_FUNCTIONS(GODWIT_LIBRARY_RESOLVE) return functions;
//   }
#pragma once

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

}  // namespace godwit

#define GODWIT_LIBRARY_POINTER(name) decltype(&::name) name = nullptr;
#define GODWIT_LIBRARY_RESOLVE(name)                                    \
  {                                                                     \
    ASSIGN_OR_RETURN(void* const found, library.find(#name));           \
    functions.name = reinterpret_cast<decltype(functions.name)>(found); \
  }
