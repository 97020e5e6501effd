put src/main/java/shop/Cart.java <<'END'
package shop;

import java.util.List;

public class Cart {
    private final List<Long> prices;

    public Cart(List<Long> prices) {
        this.prices = prices;
    }

    public long total() {
        return prices.stream().reduce(Long::sum).get();
    }
}
END
put src/test/java/shop/CartTest.java <<'END'
package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CartTest {
    @Test
    void sums() {
        assertEquals(3, new Cart(List.of(1L, 2L)).total());
    }
}
END
base
edit src/main/java/shop/Cart.java 'reduce(Long::sum).get()' 'reduce(0L, Long::sum)'
edit src/test/java/shop/CartTest.java '    @Test
    void sums' '    @Test
    void emptyCostsNothing() {
        assertEquals(0, new Cart(List.of()).total());
    }

    @Test
    void sums'
