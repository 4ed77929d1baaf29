import { join } from 'node:path'

/**
 * The options of the Java machine: those of the distribution's own `jvm.options` and option parser for this release of
 * Java, less what suits a server only (touching the whole heap at the start, logs of garbage collection, heap dumps).
 */
export function jvmOptions(release: number, heap: string, temporary: string, distribution: string): string[] {
  return [
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-Xss1m',
    '-XX:+UseSerialGC',
    '-XX:-OmitStackTraceInFastThrow',
    `-Djava.io.tmpdir=${temporary}`,
    '-Djava.awt.headless=true',
    '-Dfile.encoding=UTF-8',
    '-Djava.locale.providers=SPI,CLDR',
    '-Djna.nosys=true',
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dio.netty.recycler.maxCapacityPerThread=0',
    '-Dio.netty.allocator.numDirectArenas=0',
    '-Dlog4j.shutdownHookEnabled=false',
    '-Dlog4j2.disable.jmx=true',
    '-Dopensearch.networkaddress.cache.ttl=60',
    '-Dopensearch.networkaddress.cache.negative.ttl=10',
    '-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1',
    '--add-modules=jdk.incubator.vector',
    `-javaagent:${join(distribution, 'agent', 'opensearch-agent.jar')}`,
    '--add-opens=java.base/java.nio=ALL-UNNAMED',
    ...(release >= 23
      ? [
          '-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.setAsTypeCache',
          '-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.asTypeUncached',
        ]
      : []),
    ...(release >= 25 ? ['-XX:+UseCompactObjectHeaders'] : []),
  ]
}
