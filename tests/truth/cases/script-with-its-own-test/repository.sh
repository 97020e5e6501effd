put greet.sh <<'END'
set -- $1
echo "Hello $1"
END
put tests/greet_test.sh <<'END'
[ "$(sh greet.sh Ann)" = "Hello Ann" ] || { echo "not greeted: Ann"; exit 1; }
END
put Makefile <<'END'
test:
	sh tests/greet_test.sh
END
base
put greet.sh <<'END'
echo "Hello $1"
END
cat >> tests/greet_test.sh <<'END'
[ "$(sh greet.sh 'Ann Lee')" = "Hello Ann Lee" ] || { echo "not greeted: Ann Lee"; exit 1; }
END
