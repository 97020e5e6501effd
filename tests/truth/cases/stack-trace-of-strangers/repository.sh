put src/main/java/db/Pool.java <<< 'class Pool { int most = 0; }'
put src/main/java/db/Query.java <<< 'class Query {}'
base
edit src/main/java/db/Pool.java 'most = 0' 'most = 50'
