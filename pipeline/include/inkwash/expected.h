// inkwash/expected.h - the one alias over the packaged `expected`.
//
// GCC 12 has no std::expected. Every fallible function of the library returns this type; nothing
// in the library throws across its interface except std::bad_alloc.
#pragma once

#include <tl/expected.hpp>

namespace inkwash {

template <typename Value, typename Error>
using expected = tl::expected<Value, Error>;
using tl::unexpected;

}  // namespace inkwash
