#include "connect/postgres/load/load_rows.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/copy_encode.h"
#include "connect/postgres/read/scan_sql.h"

#include <algorithm>
#include <optional>

namespace godwit::connect::postgres {
namespace {

constexpr size_t buffer_bytes = size_t{256} << 10;
// Keys of a direct load are written between two COPYs of this many rows, so that they never pile up.
constexpr int64_t rows_per_copy = 262'144;

class RowStream {
 public:
  RowStream(LoadContext& context, const LoadedTable& table, const DatasetLoad& load, std::string relation,
            std::string column_list, KeyRecorder* keys)
      : session_(context.session),
        table_(table),
        load_(load),
        relation_(std::move(relation)),
        column_list_(std::move(column_list)),
        keys_(keys) {}

  // Returns the digest of the rows.
  Result<std::string> run() {
    ASSIGN_OR_RETURN(
        std::string digest,
        stream_rows(
            load_, [this](const std::vector<duck::ColumnDef>& columns) { return start(columns); },
            [this](const duck::ChunkReader& chunk, const std::vector<int64_t>& hashes) {
              return add(chunk, hashes);
            }));
    if (!encoder_)
      return make_error(ErrorKind::failed, "the staged rows of " + table_.dataset_id + " have no columns");
    RETURN_IF_ERROR(finish_copy());
    return digest;
  }
  [[nodiscard]] int64_t rows() const { return rows_; }

 private:
  Status start(const std::vector<duck::ColumnDef>& columns) {
    const size_t expected = table_.columns.size() + (table_.dataset.has_owned_column ? 1 : 0);
    if (columns.size() != expected) {
      return make_error(ErrorKind::failed,
                        "the staged rows of " + table_.dataset_id + " have other columns than planned");
    }
    CopyShape shape;
    for (size_t i = 0; i < columns.size(); ++i) {
      const duck::TypeId staged = columns[i].type.id;
      if (staged == duck::TypeId::other) {
        return make_error(ErrorKind::failed, "column " + columns[i].name + " of " + table_.dataset_id +
                                                 " is staged as an unknown type");
      }
      shape.add(staged, i < table_.columns.size() ? wire_type(*table_.target.column(table_.columns[i]))
                                                  : std::optional(WireType::boolean));
    }
    encoder_.emplace(std::move(shape));
    buffer_.reserve(buffer_bytes + (buffer_bytes >> 2));
    return {};
  }

  Status begin_copy() {
    ASSIGN_OR_RETURN(pg::CopyIn copy, session_.copy_in("COPY " + relation_ + " (" + column_list_ +
                                                       ") FROM STDIN (FORMAT " + encoder_->format() + ")"));
    copy_.emplace(std::move(copy));
    encoder_->begin(buffer_);
    return {};
  }

  Status finish_copy() {
    if (copy_) {
      encoder_->end(buffer_);
      RETURN_IF_ERROR(send());
      ASSIGN_OR_RETURN(const int64_t taken, copy_->finish());
      copy_.reset();
      if (taken != in_copy_) {
        return make_error(ErrorKind::failed,
                          "the target took fewer rows than were sent: a trigger leaves rows out",
                          "choose the trigger policy disable, or repair the trigger");
      }
      in_copy_ = 0;
    }
    if (keys_ != nullptr) RETURN_IF_ERROR(keys_->flush(session_));
    return {};
  }

  Status send() {
    if (buffer_.empty()) return {};
    const Status sent = copy_->put(buffer_);
    buffer_.clear();
    return sent;
  }

  Status add(const duck::ChunkReader& chunk, const std::vector<int64_t>& hashes) {
    const size_t rows = chunk.rows();
    if (!copy_) RETURN_IF_ERROR(begin_copy());
    const bool staged = keys_ == nullptr;
    for (size_t row = 0; row < rows; ++row) {
      encoder_->add(chunk, row, staged ? std::optional(hashes[row]) : std::nullopt, buffer_);
      if (!staged) keys_->add(chunk, row, hashes[row]);
      if (buffer_.size() >= buffer_bytes) RETURN_IF_ERROR(send());
    }
    rows_ += static_cast<int64_t>(rows);
    in_copy_ += static_cast<int64_t>(rows);
    if (keys_ != nullptr && keys_->held() >= rows_per_copy) RETURN_IF_ERROR(finish_copy());
    if (load_.progress) load_.progress(rows_);
    return {};
  }

  pg::Session& session_;
  const LoadedTable& table_;
  const DatasetLoad& load_;
  const std::string relation_;
  const std::string column_list_;
  KeyRecorder* const keys_;
  std::optional<CopyEncoder> encoder_;
  std::optional<pg::CopyIn> copy_;
  std::string buffer_;
  int64_t rows_ = 0;
  int64_t in_copy_ = 0;
};

std::string list_of(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns)
    names.push_back(quote_identifier(column));
  return join(names, ", ");
}

}  // namespace

Status copy_to_stage(LoadContext& context, LoadedTable& table, const DatasetLoad& load) {
  std::string list = list_of(table.columns);
  if (table.dataset.has_owned_column) list += std::string(", ") + stage_owned;
  list += std::string(", ") + stage_hash;
  RowStream stream(context, table, load, table.stage, list, nullptr);
  ASSIGN_OR_RETURN(table.outcome.digest, stream.run());
  table.rows = stream.rows();
  return {};
}

Status copy_to_target(LoadContext& context, LoadedTable& table, const DatasetLoad& load) {
  std::vector<size_t> positions;
  for (const std::string& column : table.identity.columns) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), column);
    CHECK(found != table.columns.end());
    positions.push_back(static_cast<size_t>(found - table.columns.begin()));
  }
  const int ordinal = context.next_ordinal++;
  KeyRecorder keys(table.identity, std::move(positions), context.marker.run, context.marker.store, ordinal);
  RowStream stream(context, table, load, quoted(table.target.name), list_of(table.columns), &keys);
  ASSIGN_OR_RETURN(table.outcome.digest, stream.run());
  table.rows = stream.rows();
  table.inserts = table.rows;
  table.outcome.inserted = table.rows;
  return record_undo(context, table, ordinal, "insert", table.rows);
}

}  // namespace godwit::connect::postgres
