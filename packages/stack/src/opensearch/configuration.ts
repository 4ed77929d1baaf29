import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../account.ts'
import { makePrivateFolder } from '../workspace.ts'

/** The folders of one OpenSearch node. */
export interface NodeFolders {
  config: string
  data: string
  logs: string
  temporary: string
}

/**
 * Makes the node's folders below `home` and writes its configuration: one node on the loopback address. The node keeps
 * off settings that suit servers only: it does not map files (a kernel setting would be needed), ignores how full the
 * disk is, makes no index that nobody asked for, and refuses no request (with status 429) because of garbage in the heap:
 * the serial collector lets that grow until the heap is full.
 */
export async function writeConfiguration(
  home: string,
  port: number,
  account: Account | undefined,
): Promise<NodeFolders> {
  await makePrivateFolder(home, account)
  const inside = (name: string) => makePrivateFolder(join(home, name), account)
  const folders = {
    config: await inside('config'),
    data: await inside('data'),
    logs: await inside('logs'),
    temporary: await inside('tmp'),
  }
  await rm(join(folders.logs, 'http.ports'), { force: true })
  await mkdir(join(folders.config, 'jvm.options.d'), { recursive: true })
  await write(join(folders.config, 'opensearch.yml'), settings(folders, port), account)
  await write(join(folders.config, 'log4j2.properties'), logging, account)
  return folders
}

function settings(folders: NodeFolders, port: number): string {
  const lines = {
    'cluster.name': 'trifold',
    'node.name': 'trifold',
    'path.data': JSON.stringify(folders.data),
    'path.logs': JSON.stringify(folders.logs),
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': 0,
    'node.portsfile': true,
    'discovery.type': 'single-node',
    'node.store.allow_mmap': false,
    'action.auto_create_index': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'indices.breaker.total.use_real_memory': false,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`

async function write(path: string, text: string, account: Account | undefined): Promise<void> {
  await writeFile(path, text)
  if (account !== undefined) await chown(path, account.uid, account.gid)
}
