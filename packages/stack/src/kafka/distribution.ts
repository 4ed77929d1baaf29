import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Java } from '../java.ts'
import { dependencyPlugin, fetchWithMaven } from '../maven.ts'
import type { Workspace } from '../workspace.ts'

/** The version of Kafka that the stack starts. */
export const kafkaVersion = '4.1.0'

/** What to do if it cannot be started. */
export const instead = 'give the addresses of a Kafka in KAFKA_BROKERS'

/**
 * Maven copies the dependencies of a project only, so it is given one that depends on the server, and on what writes its log to
 * the standard error.
 */
const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>trifold</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${kafkaVersion}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`

/** Other jars than before are another folder. */
const folder = `kafka-${kafkaVersion}-logging`

/** The folder in the cache with the jars of Kafka's server; fetched when it is missing. Throws `STACK_FAILED`. */
export function fetchKafka(workspace: Workspace, java: Java): Promise<string> {
  return fetchWithMaven(workspace, java, {
    part: 'kafka',
    title: `Kafka ${kafkaVersion}`,
    folder,
    prepare: (into) => writeFile(join(into, 'pom.xml'), project),
    goal: (into) => [
      `${dependencyPlugin}:copy-dependencies`,
      `--file=${join(into, 'pom.xml')}`,
      `-DoutputDirectory=${join(into, folder)}`,
      '-DincludeScope=runtime',
    ],
    instead,
  })
}
