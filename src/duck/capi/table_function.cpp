#include "duck/capi/table_function.h"

#include "base/check.h"
#include "duck/capi/chunk_views.h"
#include "duck/capi/type_mapping.h"

#include <atomic>

namespace godwit::duck {
namespace {

struct BindData {
  std::shared_ptr<TableSlot> slot;
  std::shared_ptr<TableProducer> producer;
};

struct ScanState {
  std::atomic<size_t> next_lane{0};
};

// Goes from thread to thread, under locks of DuckDB's. What one did to it is said to be done by
// `handed_over`, which the next one reads: these locks cannot be seen from here.
class LaneState {
 public:
  ~LaneState() { take(); }
  void take() const { static_cast<void>(handed_over_.load(std::memory_order_acquire)); }
  void hand_over() { handed_over_.fetch_add(1, std::memory_order_release); }

  bool has_lane = false;
  size_t lane = 0;
  ChunkWriterView writer;

 private:
  std::atomic<size_t> handed_over_{0};
};

// For as long as a thread works on it.
class Held {
 public:
  explicit Held(LaneState& state) : state_(state) { state_.take(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { state_.hand_over(); }

 private:
  LaneState& state_;
};

template <typename T>
void delete_as(void* pointer) {
  delete static_cast<T*>(pointer);
}

std::string carry(TableSlot& slot, std::string message) {
  return slot.errors->put(
      make_error(ErrorKind::failed, "table function " + slot.name + " " + std::move(message)));
}

void bind(duckdb_bind_info info) {
  const auto& slot = *static_cast<std::shared_ptr<TableSlot>*>(library().bind_get_extra_info(info));
  auto data = std::make_unique<BindData>();
  data->slot = slot;
  {
    const std::lock_guard lock(slot->mutex);
    data->producer = slot->producer;
  }
  if (data->producer == nullptr) {
    library().bind_set_error(info, carry(*slot, "has no producer any more").c_str());
    return;
  }
  for (const ColumnDef& column : data->producer->columns()) {
    const LogicalTypeHandle type = to_logical(column.type);
    library().bind_add_result_column(info, column.name.c_str(), type.get());
  }
  library().bind_set_bind_data(info, data.release(), delete_as<BindData>);
}

void init(duckdb_init_info info) {
  const auto& data = *static_cast<BindData*>(library().init_get_bind_data(info));
  {
    const std::lock_guard lock(data.slot->mutex);
    if (data.slot->scanned && !data.producer->repeatable()) {
      library().init_set_error(info, carry(*data.slot, "was read already and cannot be read twice").c_str());
      return;
    }
    data.slot->scanned = true;
  }
  library().init_set_max_threads(info, std::max<size_t>(data.producer->lanes(), 1));
  library().init_set_init_data(info, new ScanState, delete_as<ScanState>);
}

void init_thread(duckdb_init_info info) {
  auto state = std::make_unique<LaneState>();
  state->hand_over();
  library().init_set_init_data(info, state.release(), delete_as<LaneState>);
}

// Fills one chunk from the lane of this thread, going on to the next free lane at the end of one. No rows end
// the thread's part.
void fill(duckdb_function_info info, duckdb_data_chunk output) {
  const auto& data = *static_cast<BindData*>(library().function_get_bind_data(info));
  auto& scan = *static_cast<ScanState*>(library().function_get_init_data(info));
  auto& state = *static_cast<LaneState*>(library().function_get_local_init_data(info));
  const Held held(state);
  for (;;) {
    if (!state.has_lane) {
      state.lane = scan.next_lane.fetch_add(1);
      if (state.lane >= data.producer->lanes()) {
        library().data_chunk_set_size(output, 0);
        return;
      }
      state.has_lane = true;
    }
    state.writer.attach(output, data.producer->columns());
    Result<bool> more = data.producer->fill(state.lane, state.writer);
    if (!more.ok()) {
      library().data_chunk_set_size(output, 0);
      library().function_set_error(info, data.slot->errors->put(std::move(more).error()).c_str());
      return;
    }
    if (state.writer.rows() > 0) {
      CHECK(*more);  // the end of a lane comes without rows
      return;
    }
    if (!*more) state.has_lane = false;
  }
}

}  // namespace

Status create_table_function(duckdb_connection connection, std::shared_ptr<TableSlot> slot) {
  const std::string name = slot->name;
  const TableFunctionHandle function(library().create_table_function());
  library().table_function_set_name(function.get(), name.c_str());
  library().table_function_set_extra_info(function.get(), new std::shared_ptr<TableSlot>(std::move(slot)),
                                          delete_as<std::shared_ptr<TableSlot>>);
  library().table_function_set_bind(function.get(), bind);
  library().table_function_set_init(function.get(), init);
  library().table_function_set_local_init(function.get(), init_thread);
  library().table_function_set_function(function.get(), fill);
  if (library().register_table_function(connection, function.get()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "cannot register table function " + name, "is the name taken?");
  }
  return {};
}

}  // namespace godwit::duck
