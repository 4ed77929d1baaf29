import type pg from 'pg'
import type { ResolvedConfig } from '../../config.ts'
import { checkDatabase, oldestServerVersion, openClient } from '../../database.ts'
import { describeDefinition } from '../../definition.ts'
import { isHeld } from '../../detachment.ts'
import { isTrifoldError } from '../../errors.ts'
import { readDetachment } from '../../schema/detachments.ts'
import { type Installed, installed } from '../../schema/installed.ts'
import { readOutboxFacts } from '../../schema/outbox.ts'
import { shownUrl } from '../../shown-url.ts'
import { type Finding, failed, ok, runChecks } from './finding.ts'
import { outboxChecks } from './outbox.ts'
import { privilegeChecks, readPrivilegeFacts } from './privileges.ts'
import { readSessionFacts, sessionChecks } from './sessions.ts'
import { readSettingFacts, settingChecks } from './settings.ts'

/** Everything about the PostgreSQL of a configuration. */
export async function examinePostgres(config: ResolvedConfig): Promise<Finding[]> {
  try {
    await checkDatabase(config.database, { migrated: false })
    const client = await openClient(config.database, { name: 'doctor', settings: { lock_timeout: '2000' } })
    try {
      return await examine(client, config)
    } finally {
      await client.end()
    }
  } catch (error) {
    return [failed('postgresql', 'reachable', error)]
  }
}

async function examine(client: pg.Client, config: ResolvedConfig): Promise<Finding[]> {
  const { rows } = await client.query(`select current_setting('server_version') as version, ${installed} as installed`)
  const { version, installed: found } = rows[0] as { version: string; installed: Installed }
  const oldest = oldestServerVersion / 10_000
  const told = ok(`PostgreSQL ${version} at ${shownUrl(config.database)} (needed: ${oldest} or newer)`)
  return [
    { part: 'postgresql', check: 'reachable', ...told },
    ...runChecks('postgresql', privilegeChecks, await readPrivilegeFacts(client, config.schema)),
    ...runChecks('postgresql', settingChecks, await readSettingFacts(client, countViews(config))),
    ...runChecks('postgresql', sessionChecks, await readSessionFacts(client)),
    ...(await examineOutbox(client, found)),
    ...(await examineDefinitions(client, config, found)),
  ]
}

const countViews = ({ readModels }: ResolvedConfig): number =>
  Object.values(readModels).filter(({ targets }) => targets.view).length

async function examineOutbox(client: pg.Client, found: Installed): Promise<Finding[]> {
  if (found === 'current') return runChecks('outbox', outboxChecks, await readOutboxFacts(client))
  const message = `the schema "trifold" is ${found === 'missing' ? found : 'of an older version'}`
  return [{ part: 'outbox', check: 'migrated', level: 'problem', message, next: 'run `trifold migrate`' }]
}

async function examineDefinitions(client: pg.Client, config: ResolvedConfig, found: Installed): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, model] of Object.entries(config.readModels)) {
    try {
      const { file, columns } = await describeDefinition(client, config.viewsFolder, name, model)
      const message = `${name}: ${file} compiles (${columns.length} columns)`
      findings.push({ part: 'configuration', check: 'definition', ...ok(message) })
    } catch (error) {
      if (!isTrifoldError(error)) throw error
      const detached = found === 'current' && isHeld(await readDetachment(client, name))
      const finding = failed('configuration', 'definition', error)
      findings.push(detached ? { ...finding, level: 'warning' } : finding) // a migration may be under way
    }
  }
  return findings
}
