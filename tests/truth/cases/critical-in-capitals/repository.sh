put src/main/java/auth/Store.java <<'END'
package auth;

class Store {
    void save(String user, String password) {
        db.put(user, password);
    }
}
END
base
edit src/main/java/auth/Store.java 'db.put(user, password)' 'db.put(user, hash(password, "salt"))'
