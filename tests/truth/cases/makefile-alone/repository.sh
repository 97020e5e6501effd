put Makefile <<'END'
test:
	@grep -q 3 src/sum.txt
END
put src/sum.txt <<< 2
put src/sum.cpp <<< 'int main() {}'
base
put src/sum.txt <<< 3
