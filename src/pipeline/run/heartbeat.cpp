#include "pipeline/run/heartbeat.h"

#include <chrono>

namespace godwit::pipeline {

namespace {

constexpr std::chrono::milliseconds look_every{250};
// Writing costs the ledger more than reading does.
constexpr int looks_per_beat = 20;

}  // namespace

Result<std::unique_ptr<Heartbeat>> Heartbeat::start(const Services& services, std::string run) {
  ASSIGN_OR_RETURN(auto ledger, services.open_ledger());
  return std::unique_ptr<Heartbeat>(new Heartbeat(services, std::move(run), std::move(ledger)));
}

Heartbeat::Heartbeat(const Services& services, std::string run, std::unique_ptr<ledger::Ledger> ledger)
    : services_(services), run_(std::move(run)), ledger_(std::move(ledger)), thread_([this] { beat(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Heartbeat::beat() {
  bool told = false;
  int looks = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!changed_.wait_for(lock, look_every, [this] { return ends_; })) {
    lock.unlock();
    const Status looked = look(++looks % looks_per_beat == 0);
    if (!looked.ok() && !told) {
      services_.observer->on_warning("the ledger does not answer: " + looked.error().text());
      told = true;
    }
    lock.lock();
  }
}

Status Heartbeat::look(bool beats) {
  bool cancelled = false;
  if (beats) {
    ASSIGN_OR_RETURN(cancelled, ledger_->heartbeat(run_));
  } else {
    ASSIGN_OR_RETURN(const auto record, ledger_->run(run_));
    cancelled = record.has_value() && record->cancel_requested;
  }
  if (cancelled && services_.cancel != nullptr) *services_.cancel = true;
  return {};
}

}  // namespace godwit::pipeline
