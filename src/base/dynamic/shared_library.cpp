#include "base/dynamic/shared_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace godwit {

Result<SharedLibrary> SharedLibrary::load(const std::string& file_name, const std::string& hint) {
  SharedLibrary library;
  library.file_name_ = file_name;
  library.hint_ = hint;
  library.handle_ = dlopen(file_name.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library.handle_ == nullptr) return make_error(ErrorKind::config, dlerror(), hint);
  return library;
}

Result<void*> SharedLibrary::find(const char* function) const {
  void* const found = dlsym(handle_, function);
  if (found == nullptr)
    return make_error(ErrorKind::config, fmt::format("{} has no function {}", file_name_, function), hint_);
  return found;
}

}  // namespace godwit
