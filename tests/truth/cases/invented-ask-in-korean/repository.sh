put src/main/java/cal/Zone.java <<'END'
package cal;

class Zone {
    int offset() {
        return 9;
    }
}
END
base
edit src/main/java/cal/Zone.java 'return 9' 'return summer() ? 10 : 9'
