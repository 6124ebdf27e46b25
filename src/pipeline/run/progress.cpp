#include "pipeline/run/progress.h"

#include <utility>

namespace godwit::pipeline {

namespace {
constexpr int64_t tell_every_us = 100'000;

class CountingChunk final : public duck::ChunkWriter {
 public:
  explicit CountingChunk(duck::ChunkWriter& inner) : inner_(inner) {}
  [[nodiscard]] size_t capacity() const override { return inner_.capacity(); }
  [[nodiscard]] duck::ColumnWriter& column(size_t index) override { return inner_.column(index); }
  void set_rows(size_t rows) override {
    rows_ = rows;
    inner_.set_rows(rows);
  }
  [[nodiscard]] size_t rows() const { return rows_; }

 private:
  duck::ChunkWriter& inner_;
  size_t rows_ = 0;
};

class MeteredProducer final : public duck::TableProducer {
 public:
  MeteredProducer(std::shared_ptr<duck::TableProducer> inner, std::shared_ptr<DatasetMeter> meter)
      : inner_(std::move(inner)), meter_(std::move(meter)) {}
  [[nodiscard]] const std::vector<duck::ColumnDef>& columns() const override { return inner_->columns(); }
  [[nodiscard]] size_t lanes() const override { return inner_->lanes(); }
  [[nodiscard]] Result<bool> fill(size_t lane, duck::ChunkWriter& chunk) override {
    CountingChunk counting(chunk);
    ASSIGN_OR_RETURN(const bool more, inner_->fill(lane, counting));
    meter_->add(static_cast<int64_t>(counting.rows()));
    return more;
  }
  [[nodiscard]] bool repeatable() const override { return inner_->repeatable(); }

 private:
  std::shared_ptr<duck::TableProducer> inner_;
  std::shared_ptr<DatasetMeter> meter_;
};
}  // namespace

DatasetMeter::DatasetMeter(RunObserver& observer, const Clock& clock, Phase phase, std::string dataset,
                           int64_t rows_expected)
    : observer_(observer), clock_(clock), started_us_(clock.monotonic_us()) {
  progress_.phase = phase;
  progress_.dataset = std::move(dataset);
  progress_.rows_expected = rows_expected;
}

void DatasetMeter::add(int64_t rows) {
  rows_ += rows;
  tell(false);
}

void DatasetMeter::set(int64_t rows) {
  rows_ = rows;
  tell(false);
}

void DatasetMeter::finish(int64_t rows, int64_t bytes) {
  rows_ = rows;
  {
    const std::lock_guard<std::mutex> guard(telling_);
    progress_.bytes = bytes;
    progress_.finished = true;
  }
  tell(true);
}

void DatasetMeter::tell(bool always) {
  const int64_t now_us = clock_.monotonic_us();
  if (!always && now_us - told_us_ < tell_every_us) return;
  const std::lock_guard<std::mutex> guard(telling_);
  if (!always && now_us - told_us_ < tell_every_us) return;
  told_us_ = now_us;
  DatasetProgress now = progress_;
  now.rows = rows_;
  now.duration_us = now_us - started_us_;
  observer_.on_dataset(now);
}

std::shared_ptr<duck::TableProducer> metered(std::shared_ptr<duck::TableProducer> producer,
                                             std::shared_ptr<DatasetMeter> meter) {
  return std::make_shared<MeteredProducer>(std::move(producer), std::move(meter));
}

}  // namespace godwit::pipeline
