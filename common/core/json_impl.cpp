// Boost.JSON is compiled here, once for both programs.
#include <boost/json/src.hpp>
