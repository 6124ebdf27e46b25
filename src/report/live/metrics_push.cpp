#include "report/live/metrics_push.h"

#include "net/http.h"
#include "net/url.h"

#include <fmt/format.h>

#include <chrono>

namespace godwit::report {

namespace {

constexpr std::chrono::milliseconds second_try_after{300};

// RFC 4648, section 5, with padding: what the gateway reads in the value of a label named NAME@base64.
std::string base64_url(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (size_t at = 0; at < text.size(); at += 3) {
    const std::string_view three = text.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0U);
    for (size_t i = 0; i < 4; ++i)
      out += i <= three.size() ? letters[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out.empty() ? "=" : out;
}

// A slash, even an encoded one, would end the value, and nothing is no segment.
std::string label(std::string_view name, std::string_view value) {
  if (value.empty() || value.find('/') != std::string_view::npos)
    return fmt::format("/{}@base64/{}", name, base64_url(value));
  return fmt::format("/{}/{}", name, net::path_segment(value));
}

}  // namespace

Result<Secret> push_url(const Secret& url, const std::string& pipeline, const std::string& scope) {
  const std::string text(url.reveal());
  ASSIGN_OR_RETURN(const net::Url parsed, net::parse_url(text));
  if (parsed.path != "/") return url;
  ASSIGN_OR_RETURN(
      std::string whole,
      net::with_path(text, "/metrics/job/godwit" + label("pipeline", pipeline) + label("scope", scope)));
  return Secret(std::move(whole));
}

MetricsPush::MetricsPush(PushTarget target, std::function<std::string()> text,
                         std::function<void(const std::string& what)> failed)
    : target_(std::move(target)), text_(std::move(text)), failed_(std::move(failed)) {
  thread_ = std::thread([this] { work(); });
}

MetricsPush::~MetricsPush() {
  stop();
}

void MetricsPush::offer() {
  {
    const std::lock_guard lock(mutex_);
    offered_ = true;
  }
  changed_.notify_one();
}

std::string MetricsPush::finish() {
  stop();
  std::string problem = push(nullptr);
  if (problem.empty()) return "";
  std::this_thread::sleep_for(second_try_after);
  return push(nullptr);
}

void MetricsPush::work() {
  bool told = false;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return offered_ || stop_; });
    if (stop_) return;
    offered_ = false;
    lock.unlock();
    const std::string problem = push(&stop_);
    if (!problem.empty() && !told && !stop_) {
      told = true;
      failed_(problem);
    }
    lock.lock();
    changed_.wait_for(lock, std::chrono::milliseconds(target_.every_ms), [this] { return stop_.load(); });
  }
}

void MetricsPush::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::string MetricsPush::push(const std::atomic<bool>* cancel) const {
  net::HttpRequest request;
  // What was pushed for the group before is replaced: a table that is no longer there does not stay.
  request.method = "PUT";
  request.url = target_.url.reveal();
  request.headers = {{"Content-Type", "text/plain; version=0.0.4"}};
  request.body = text_();
  request.timeout_ms = target_.timeout_ms;
  request.ca_file = target_.ca_file;
  const auto answer = net::send(request, cancel);
  if (!answer.ok()) return answer.error().message;
  if (answer->status >= 200 && answer->status < 300) return "";
  const auto url = net::parse_url(request.url);
  return fmt::format("{} answered {}", url.ok() ? url->shown : "the gateway", answer->status);
}

}  // namespace godwit::report
