#pragma once
// Runs a program and keeps what it says. No shell comes near its arguments.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace mailmedic::test {

using Words = std::vector<std::string>;

inline std::string content_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder of this test's own, gone with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailmedic-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Ran {
  int status = -1;  ///< exit status; -N after signal N; -999 when it did not end in time
  std::string out, err;
  std::chrono::milliseconds took{0};
  long most_memory_kib = 0;  ///< resident, at its largest
  Words command;

  /// What was run and said, for a failing test.
  std::string told() const {
    std::string words;
    for (const std::string& word : command) words += word.substr(0, 80) + ' ';
    return words + "-> " + std::to_string(status) + "\n" + out.substr(0, 6000) + err.substr(0, 6000);
  }
  boost::json::object json() const {
    boost::system::error_code wrong;
    boost::json::parse_options options;
    options.max_depth = 200;  // the trace of ten includes, one in another, is deeper than the usual limit of 32
    boost::json::value value = boost::json::parse(out, wrong, {}, options);
    EXPECT_TRUE(!wrong && value.is_object()) << told();
    return value.is_object() ? value.get_object() : boost::json::object();
  }
};

/// `command` with nothing on its standard input, killed after `limit`.
inline Ran run_program(Words command, std::chrono::seconds limit = std::chrono::seconds(60)) {
  const Folder folder;
  Ran run;
  run.command = command;
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, folder.file("out").c_str(), O_WRONLY | O_CREAT, 0600);
  ::posix_spawn_file_actions_addopen(&files, 2, folder.file("err").c_str(), O_WRONLY | O_CREAT, 0600);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed) {
    run.err = std::string("cannot be started: ") + std::strerror(failed);
    return run;
  }
  int how = 0;
  rusage used{};
  while (::wait4(child, &how, WNOHANG, &used) == 0) {
    if (std::chrono::steady_clock::now() - begin > limit) {
      ::kill(child, SIGKILL);
      ::wait4(child, &how, 0, &used);
      how = -1;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  run.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  run.most_memory_kib = used.ru_maxrss;
  run.status = how == -1 ? -999 : WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
  run.out = content_of(folder.file("out"));
  run.err = content_of(folder.file("err"));
  return run;
}

/// A tool as it was built: run_tool({"spf", "--ip", ...}).
inline Ran run_tool(Words words, std::chrono::seconds limit = std::chrono::seconds(60)) {
  words.insert(words.begin(), MAILMEDIC_BINARY_DIR "/bin/mailmedic");
  return run_program(std::move(words), limit);
}

}  // namespace mailmedic::test
