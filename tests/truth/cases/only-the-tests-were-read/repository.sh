put src/main/java/card/Name.java <<'END'
package card;

class Name {
    static String cut(String name) {
        return name;
    }
}
END
put src/test/java/card/NameTest.java <<'END'
package card;

class NameTest {
}
END
base
edit src/main/java/card/Name.java 'return name' 'return name.substring(0, 40)'
edit src/test/java/card/NameTest.java '}' '    @Test
    void cuts() {
        assertEquals(40, Name.cut("x".repeat(50)).length());
    }
}'
