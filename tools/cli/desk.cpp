#include "tools/cli/desk.hpp"

#include <iostream>

#include "lib/text/shown.hpp"

namespace mailmedic::cli {

bool Desk::has_room() {
  const std::scoped_lock lock(mutex_);
  return held_.size() < 256;
}

void Desk::put(std::size_t number, std::optional<Rendered> rendered) {
  std::unique_lock lock(mutex_);
  held_.emplace(number, std::move(rendered));
  if (writes_) return;  // whoever writes finds it
  writes_ = true;
  while (!held_.empty() && held_.begin()->first == next_) {
    const auto first = held_.extract(held_.begin());
    ++next_;
    lock.unlock();
    if (first.mapped()) stream_.add(std::move(*first.mapped()));
    lock.lock();
  }
  writes_ = false;
}

void Desk::tell(const std::string& wrong) {
  const std::scoped_lock lock(mutex_);
  std::cerr << "mailmedic " << tool_ << ": " << text::shown(wrong, 400) << '\n';
  failed_ = true;
}

void Desk::fail(const std::string& catalogue_error) {
  const std::scoped_lock lock(mutex_);
  if (broken_.empty()) broken_ = catalogue_error;
}

int Desk::finish() {
  if (next_ == 0) tell("there is no message");
  if (stream_.is_empty() && !many_) return failed_ ? usage_error : 0;
  const int status = stream_.finish(broken_);
  return failed_ && status == 0 ? usage_error : status;
}

}  // namespace mailmedic::cli
