put src/main/java/Tax.java <<< 'class Tax { static int of(int x) { return x / 5; } }'
put src/test/java/ShopTest.java <<'END'
class ShopTest {
    @Test
    void opens() {
        assertTrue(Shop.opens());
    }

    @Test
    void tax() {
        assertEquals(2, Tax.of(10));
    }
}
END
builds
base
put src/test/java/ShopTest.java <<'END'
class ShopTest {
    @Test
    void opens() {
        assertTrue(Shop.opens());
    }
}
END
put src/test/java/TaxTest.java <<'END'
class TaxTest {
    @Test
    void tax() {
        assertEquals(2, Tax.of(10));
    }
}
END
