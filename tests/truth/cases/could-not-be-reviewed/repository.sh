put build.gradle <<< 'sourceCompatibility = 21'
put src/main/java/App.java <<< 'class App {}'
base
edit build.gradle 21 25
