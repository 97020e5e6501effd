put src/main/java/shop/Cart.java <<'END'
package shop;

class Cart {
    int total() {
        return 4;
    }
}
END
put src/test/java/shop/CartTest.java <<'END'
package shop;

class CartTest {
    @Test
    void total() {
        Cart cart = new Cart();
        assertEquals(3, cart.total());
        assertTrue(cart.total() > 0);
    }
}
END
builds
base
edit src/main/java/shop/Cart.java 'return 4;' 'return 5;'
edit src/test/java/shop/CartTest.java '        assertEquals(3, cart.total());
' ''
