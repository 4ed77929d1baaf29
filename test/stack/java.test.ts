import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findJava } from '../../packages/stack/src/java.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp('/tmp/trifold-test-java-')
  await chmod(folder, 0o755)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A command that answers `-version` as that Java would. */
async function installJava(home: string, version: string): Promise<string> {
  const path = join(folder, home)
  await mkdir(join(path, 'bin'), { recursive: true })
  await writeFile(join(path, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`)
  await chmod(join(path, 'bin', 'java'), 0o755)
  return path
}

test('asks every Java for its release and puts the named ones and the one on the PATH first', async () => {
  const named = await installJava('named', '17.0.15')
  const onPath = await installJava('on-path', '1.8.0_402')
  await installJava('jvms/java-24', '24.0.1')
  await installJava('jvms/java-21', '21.0.2')
  await installJava('jvms/mac/Contents/Home', '25')
  const env = { JAVA_HOME: named, PATH: join(onPath, 'bin') }
  const found = await findJava(env, undefined, [join(folder, 'jvms'), join(folder, 'missing')])
  expect(found.map(({ release }) => release)).toEqual([17, 8, 25, 21, 24])
  expect(found[2]?.home).toBe(join(folder, 'jvms/mac/Contents/Home'))
})

test('leaves out a Java that the account of the engines cannot reach', async () => {
  await installJava('closed/java-25', '25.0.1')
  await chmod(join(folder, 'closed'), 0o700)
  const found = await findJava({ PATH: '' }, { uid: 65_534, gid: 65_534 }, [join(folder, 'closed')])
  expect(found).toEqual([])
})
