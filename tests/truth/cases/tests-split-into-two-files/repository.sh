put src/test/java/shop/CartTest.java <<'END'
package shop;

class CartTest {
    @Test
    void total() {
        assertEquals(3, new Cart().total());
    }

    @Test
    void price() {
        assertEquals(4, new Price().value());
        assertTrue(new Price().isSet());
    }
}
END
builds
base
put src/test/java/shop/CartTest.java <<'END'
package shop;

class CartTest {
    @Test
    void total() {
        assertEquals(3, new Cart().total());
    }
}
END
put src/test/java/shop/PriceTest.java <<'END'
package shop;

class PriceTest {
    @Test
    void price() {
        assertEquals(4, new Price().value());
        assertTrue(new Price().isSet());
    }
}
END
