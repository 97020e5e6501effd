put src/block.cpp <<< 'int block() { return 1; }'
put tests/block_test.cpp <<'END'
TEST(Block, One) {
    EXPECT_EQ(block(), 1);
}
END
builds
base
put src/checksum.cpp <<'END'
unsigned checksum(const unsigned char* bytes, int count) {
    unsigned sum = 0;
    for (int i = 0; i < count; ++i) sum = sum * 31 + bytes[i];
    return sum;
}
END
