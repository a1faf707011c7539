// libFuzzer: any bytes through the default chain; the document's invariants must hold after it, and its log
// must restore every byte.
#include <cstdlib>

#include "inkwash/chain.h"
#include "inkwash/log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto chain = inkwash::Chain::make("hans", inkwash::builtin_stages(), inkwash::Rules{});
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  auto document = inkwash::Document::from_bytes(bytes, inkwash::Account::edits);
  if (!document) std::abort();
  // Binary data are refused, and what a stage must not do would be an error too.
  const auto done = chain->run(*document);
  if (!done && done.error().message.find("fault of the stage") != std::string::npos) std::abort();
  if (document->validate()) std::abort();
  if (!done) return 0;
  const auto log = inkwash::Log::parse(inkwash::write_log(*document, {}));
  if (!log || log->restore(document->text()) != bytes) std::abort();
  if (!log->replay(document->text(), inkwash::builtin_stages())) std::abort();
  return 0;
}
