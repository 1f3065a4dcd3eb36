#pragma once
// Signs many messages on all cores.
#include <string>
#include <vector>

#include "tools/cli/message_source.hpp"
#include "tools/cli/signing_keys.hpp"

namespace mailmedic::cli {

/// Where signed messages go.
struct SignedOutput {
  enum class Kind {
    standard,  ///< standard output, as they came: those of an mbox as an mbox
    folder,    ///< `place`: each into a file under its own name, "box-12.eml" for those of an mbox; nothing is overwritten
    mbox,      ///< `place`, a new file: in their order, as mboxrd
  };
  Kind kind = Kind::standard;
  std::string place{};
};

/// Signs what `source` has. What goes wrong with one message is told on standard error, and the others are signed all the
/// same. SIGINT and SIGTERM let those that were begun be finished. Gives the exit status.
int sign_all(const dkim::SigningRules& rules, const std::vector<NamedKey>& keys, MessageSource& source, const SignedOutput& output);

}  // namespace mailmedic::cli
