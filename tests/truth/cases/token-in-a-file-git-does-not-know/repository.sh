put src/main/java/Conf.java <<< 'class Conf {}'
builds
base
put config/sample.properties <<< "api.key=AIza$(printf %s SyB7kQ2vXw9TzR4mN1cL8dF5gH3jP6sAeUo)"
