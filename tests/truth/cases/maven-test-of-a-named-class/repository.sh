put src/main/java/money/Amount.java <<'END'
package money;

final class Amount {
    static long round(double euros) {
        return Math.round(euros * 100);
    }
}
END
base
put src/test/java/money/AmountTest.java <<'END'
package money;

class AmountTest {
    @Test
    void half() {
        assertEquals(101, Amount.round(1.005 + 0.0001));
    }
}
END
