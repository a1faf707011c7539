// Runs stages on a text in tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "inkwash/chain.h"

namespace inkwash::testing {

/// The document after the chain: a list of stages, or a name. Fails the test on any error.
inline Document run_document(std::string_view chain, std::string bytes, Account account = Account::counts) {
  const auto spec =
      builtin_stages().find(chain) != nullptr ? ChainSpec::of_stages(chain) : ChainSpec::parse(chain, Rules{});
  auto made = Chain::make(*spec, builtin_stages(), Rules{});
  if (!made) {
    ADD_FAILURE() << made.error().front().where << ": " << made.error().front().message;
    std::abort();
  }
  auto document = Document::from_bytes(std::move(bytes), account);
  const auto done = made->run(*document);
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(document->validate().value_or(""), "");
  return std::move(*document);
}

/// Its text.
inline std::string run_stage(std::string_view chain, std::string bytes) {
  return std::string(run_document(chain, std::move(bytes)).text());
}

}  // namespace inkwash::testing
