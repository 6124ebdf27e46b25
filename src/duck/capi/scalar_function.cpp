#include "duck/capi/scalar_function.h"

#include "duck/capi/chunk_views.h"
#include "duck/capi/type_mapping.h"

namespace godwit::duck {
namespace {

struct Registration {
  ScalarFunction function;
  std::shared_ptr<ErrorCarrier> errors;
};

void delete_registration(void* pointer) {
  delete static_cast<Registration*>(pointer);
}

void call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& registration = *static_cast<Registration*>(library().scalar_function_get_extra_info(info));
  const ChunkReaderView reader(input);
  WrittenVector vector{output};
  ColumnWriter writer(&vector, library().vector_get_data(output), registration.function.result);
  const Status status = registration.function.run(reader, writer);
  if (status.ok()) return;
  library().scalar_function_set_error(info, registration.errors->put(status.error()).c_str());
}

}  // namespace

Status create_scalar_function(duckdb_connection connection, ScalarFunction function,
                              std::shared_ptr<ErrorCarrier> errors) {
  const std::string name = function.name;
  const ScalarFunctionHandle handle(library().create_scalar_function());
  library().scalar_function_set_name(handle.get(), name.c_str());
  if (function.varargs_any) {
    const LogicalTypeHandle any(library().create_logical_type(DUCKDB_TYPE_ANY));
    library().scalar_function_set_varargs(handle.get(), any.get());
  } else {
    for (const Type& parameter : function.parameters) {
      const LogicalTypeHandle type = to_logical(parameter);
      library().scalar_function_add_parameter(handle.get(), type.get());
    }
  }
  const LogicalTypeHandle result = to_logical(function.result);
  library().scalar_function_set_return_type(handle.get(), result.get());
  library().scalar_function_set_special_handling(handle.get());  // the function sees NULLs
  library().scalar_function_set_extra_info(
      handle.get(), new Registration{std::move(function), std::move(errors)}, delete_registration);
  library().scalar_function_set_function(handle.get(), call);
  if (library().register_scalar_function(connection, handle.get()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "cannot register scalar function " + name, "is the name taken?");
  }
  return {};
}

}  // namespace godwit::duck
