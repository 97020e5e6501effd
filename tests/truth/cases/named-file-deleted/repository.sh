put CMakeLists.txt <<'END'
add_executable(app
    src/main.cpp
    src/compat_win98.cpp
)
END
put src/main.cpp <<< 'int main() {}'
put src/compat_win98.cpp <<< 'int compat() { return 98; }'
base
rm src/compat_win98.cpp
edit CMakeLists.txt '    src/compat_win98.cpp
' ''
