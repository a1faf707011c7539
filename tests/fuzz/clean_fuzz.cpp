// libFuzzer: any bytes through the default chain; the document's invariants must hold after it.
#include <cstdlib>

#include "inkwash/chain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto chain = inkwash::Chain::make("hans", inkwash::builtin_stages(), inkwash::Rules{});
  auto document = inkwash::Document::from_bytes({reinterpret_cast<const char*>(data), size}, inkwash::Account::edits);
  if (!document) std::abort();
  // Binary data are refused, and what a stage must not do would be an error too.
  const auto done = chain->run(*document);
  if (!done && done.error().message.find("fault of the stage") != std::string::npos) std::abort();
  if (document->validate()) std::abort();
  return 0;
}
