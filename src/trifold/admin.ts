import { refusedInWords } from '../observe.ts'
import type { Adoption } from '../operator/adopt.ts'
import type { Attached, AttachOptions } from '../operator/attach.ts'
import type { AuditEntry, AuditOptions } from '../operator/audit.ts'
import type { CancelledRefresh } from '../operator/cancel-refresh.ts'
import type { Detached, DetachOptions } from '../operator/detach.ts'
import type { DoctorReport } from '../operator/doctor.ts'
import type { NewEra } from '../operator/era.ts'
import type { History, HistoryOptions } from '../operator/history.ts'
import type { Night, NightOptions } from '../operator/night.ts'
import type { OutboxFacts } from '../operator/outbox.ts'
import type { ParkedEvent } from '../operator/parked.ts'
import type { RebuildPlan, Wanted } from '../operator/plan-rebuild.ts'
import type { SchedulePrice } from '../operator/price.ts'
import type { RebuildOptions, RebuildReport } from '../operator/rebuild.ts'
import type { RefreshReport } from '../operator/refresh.ts'
import type { Removal } from '../operator/remove-target.ts'
import type { Resumption } from '../operator/resume.ts'
import type { Retry } from '../operator/retry-parked.ts'
import type { RolledBack } from '../operator/rollback.ts'
import type { ScheduleChange } from '../operator/schedule-changes.ts'
import type { ChangedSchedule, ScheduleEntry, TuneChange } from '../operator/schedules.ts'
import type { Status } from '../operator/status.ts'
import type { Switched, SwitchOptions, SwitchTo } from '../operator/switch.ts'
import type { Verification, VerifyOptions } from '../operator/verify.ts'
import type { TimingInput } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'

/** What an operator does: the commands of `trifold`, as methods. Each is loaded at its first call. */
export class Admin {
  readonly #toolkit: Toolkit

  constructor(toolkit: Toolkit) {
    this.#toolkit = toolkit
  }

  /**
   * Builds a target again beside the generation that serves, and cuts over to it. Readers see nothing older on the way.
   *
   * @param target `order_summary@table`
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, KEY_INVALID, FACADE_TAKEN, HANDLER_FAILED
   */
  async rebuild(target: string, options: RebuildOptions = {}): Promise<RebuildReport> {
    const { rebuild } = await import('../operator/rebuild.ts')
    return refusedInWords(rebuild(this.#toolkit, target, options))
  }

  /**
   * Which targets a rebuild would build and why, in the order in which to build them. Changes nothing.
   *
   * @param wanted targets or read models by name, `outdated` for what is missing or out of date, or `all`
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN; TARGET_DETACHED if it is named
   */
  async planRebuild(wanted: Wanted): Promise<RebuildPlan[]> {
    const { planRebuild } = await import('../operator/plan-rebuild.ts')
    return refusedInWords(planRebuild(this.#toolkit, wanted))
  }

  /**
   * Runs the definition of a view again, now and whatever its schedule says.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, QUERY_UNSUPPORTED if events feed the target, TARGET_DETACHED,
   * REFRESH_FAILED, KEY_INVALID
   */
  async refresh(target: string, signal?: AbortSignal): Promise<RefreshReport> {
    const { refresh } = await import('../operator/refresh.ts')
    return refusedInWords(refresh(this.#toolkit, target, signal))
  }

  /**
   * Cancels the refresh of a view that is running in whatever process. The view keeps its rows.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, REFRESH_NOT_RUNNING, PRIVILEGE_MISSING, REFRESH_RUNNING if it does not end
   */
  async cancelRefresh(target: string): Promise<CancelledRefresh> {
    const { cancelRefresh } = await import('../operator/cancel-refresh.ts')
    return refusedInWords(cancelRefresh(this.#toolkit, target))
  }

  /**
   * Holds all targets of a read model, so that a migration may change the tables under them: workers pause in every process,
   * and nothing depends on the tables. Readers get the last rows, and the outbox keeps what comes.
   *
   * @param name a read model, or one of its targets
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, DETACH_RUNNING, REBUILD_RUNNING, REFRESH_RUNNING, TARGET_KEPT
   */
  async detach(name: string, options?: DetachOptions): Promise<Detached> {
    const { detach } = await import('../operator/detach.ts')
    return refusedInWords(detach(this.#toolkit, name, options))
  }

  /**
   * Ends the detachment of a read model: a target whose definition still means the same goes on from its cursor, another
   * and each view is rebuilt beside the last rows.
   *
   * @param name a read model, or one of its targets
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, DETACH_RUNNING; DEFINITION_INVALID and others that keep a target from being
   * opened or rebuilt: it stays detached then
   */
  async attach(name: string, options?: AttachOptions): Promise<Attached> {
    const { attach } = await import('../operator/attach.ts')
    return refusedInWords(attach(this.#toolkit, name, options))
  }

  /**
   * Chooses the target that requests without `from`, and the serving name, go to: it is stored, outranks `serve`, and every
   * running application follows at once. It waits until the new target shows all that the old one has shown.
   *
   * @param wanted `{ to: 'view' }`, or `{ reset: true }` to return to the configuration
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, SWITCH_IMPOSSIBLE, SWITCH_RUNNING, TARGET_DETACHED, DETACH_RUNNING,
   * TARGET_STOPPED, REBUILD_RUNNING, REFRESH_RUNNING, REFRESH_FAILED, WAIT_TIMEOUT, LEASE_LOST, FACADE_BUSY, FACADE_DEPENDED:
   * then nothing is switched
   */
  async switch(readModel: string, wanted: SwitchTo, options?: SwitchOptions): Promise<Switched> {
    const { switchTarget } = await import('../operator/switch.ts')
    return refusedInWords(switchTarget(this.#toolkit, readModel, wanted, options))
  }

  /**
   * Serves the table or index again that the last rebuild has replaced, if it has followed since (`keepWarm`), and builds a view
   * again from the definition of before. Readers see no error and nothing older.
   *
   * @param name a target, or a read model for all of its
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_DETACHED, REBUILD_RUNNING, REFRESH_RUNNING, ROLLBACK_IMPOSSIBLE
   */
  async rollback(name: string): Promise<RolledBack[]> {
    const { rollback } = await import('../operator/rollback.ts')
    return rollback(this.#toolkit, name)
  }

  /** What every target reflects, who keeps it, and what is wrong. Changes nothing. */
  async status(): Promise<Status> {
    const { status } = await import('../operator/status.ts')
    return refusedInWords(status(this.#toolkit))
  }

  /** Checks the engines, what the role may do, and the settings that hurt. Changes nothing, and never throws. */
  async doctor(): Promise<DoctorReport> {
    const { doctor } = await import('../operator/doctor.ts')
    return refusedInWords(doctor(this.#toolkit.config))
  }

  /**
   * Compares targets with their definitions while they are written, both sides at one snapshot: what differs is wrong. A
   * view is refreshed, and compared within the refresh.
   *
   * @param names targets, or read models for all of theirs; default all that are configured
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, VERIFY_IMPOSSIBLE, REBUILD_RUNNING, TARGET_STOPPED, REFRESH_RUNNING
   */
  async verify(names?: string | readonly string[], options?: VerifyOptions): Promise<Verification[]> {
    const { verify } = await import('../operator/verify.ts')
    return refusedInWords(verify(this.#toolkit, names, options))
  }

  /**
   * Removes a target with all that belongs to it, but neither the write model nor the outbox. Stop its worker first.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, REBUILD_RUNNING, TARGET_KEPT, SEARCH_UNREACHABLE
   */
  async removeTarget(target: string): Promise<Removal> {
    const { removeTarget } = await import('../operator/remove-target.ts')
    return refusedInWords(removeTarget(this.#toolkit, target))
  }

  /**
   * Has a target that stopped at a failing event tried again there; the worker that runs it needs no restart.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_RUNNING
   */
  async resumeTarget(target: string): Promise<Resumption> {
    const { resumeTarget } = await import('../operator/resume.ts')
    return refusedInWords(resumeTarget(this.#toolkit, target))
  }

  /**
   * Makes the indexes of a target this database's, which has taken the place of the one that they name. A running worker
   * builds the next one then, and the workers of the other database write them no more.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, TARGET_UNOWNED, LEASE_LOST, SEARCH_UNREACHABLE
   */
  async adoptTarget(target: string): Promise<Adoption> {
    const { adoptTarget } = await import('../operator/adopt.ts')
    return refusedInWords(adoptTarget(this.#toolkit, target))
  }

  /**
   * Begins a new era: commit tokens of before are refused, and running workers build every table and index again. For a
   * branch of history that nothing shows, such as a volume snapshot that was put back while no worker ran.
   */
  async newEra(): Promise<NewEra> {
    const { beginNewEra } = await import('../operator/era.ts')
    return refusedInWords(beginNewEra(this.#toolkit))
  }

  /** The events that targets went past without their handler, the newest first. @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN */
  async parked(target?: string): Promise<ParkedEvent[]> {
    const { parkedEvents } = await import('../operator/parked.ts')
    return refusedInWords(parkedEvents(this.#toolkit, target))
  }

  /** One of them, with its payload. @throws PARKED_UNKNOWN */
  async parkedEvent(id: string): Promise<ParkedEvent> {
    const { parkedEvent } = await import('../operator/parked.ts')
    return refusedInWords(parkedEvent(this.#toolkit, id))
  }

  /**
   * Runs the mended handler of a parked event, only to learn its keys, and recomputes them. Its operations are not applied.
   *
   * @throws PARKED_UNKNOWN, PARKED_FAILS, HANDLER_FAILED, LEASE_LOST
   */
  async retryParked(id: string): Promise<ParkedEvent> {
    const { retryParked } = await import('../operator/retry-parked.ts')
    return refusedInWords(retryParked(this.#toolkit, id))
  }

  /**
   * Retries all parked events of a target, and goes past those that still fail.
   *
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, LEASE_LOST
   */
  async retryAllParked(target: string): Promise<Retry> {
    const { retryAllParked } = await import('../operator/retry-parked.ts')
    const events = await this.parked(target)
    return refusedInWords(
      retryAllParked(
        this.#toolkit,
        events.map(({ id }) => id),
      ),
    )
  }

  /** Forgets a parked event; its keys are no longer suspect. @throws PARKED_UNKNOWN */
  async discardParked(id: string): Promise<ParkedEvent> {
    const { discardParked } = await import('../operator/parked.ts')
    return refusedInWords(discardParked(this.#toolkit, id))
  }

  /**
   * The refreshes, rebuilds and recomputes of a period, what they cost, and how the lag of each target went. It is kept for
   * thirty days.
   *
   * @param names targets or read models; default all that are configured
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, HISTORY_INVALID
   */
  async history(names: string | readonly string[] = [], options?: HistoryOptions): Promise<History> {
    const { history } = await import('../operator/history.ts')
    return refusedInWords(history(this.#toolkit, [names].flat(), options))
  }

  /**
   * What was missed, late, failed or slower than usual, by default since yesterday evening, and how each target is now.
   *
   * @throws HISTORY_INVALID
   */
  async night(options?: NightOptions): Promise<Night> {
    const { night } = await import('../operator/night.ts')
    return refusedInWords(night(this.#toolkit, options))
  }

  /** What operators did in the console, the newest first. @throws HISTORY_INVALID */
  async audit(options?: AuditOptions): Promise<AuditEntry[]> {
    const { audit } = await import('../operator/audit.ts')
    return refusedInWords(audit(this.#toolkit, options))
  }

  /** How large the outbox is, how far it goes back, and which targets hold what could be dropped. */
  async outbox(): Promise<OutboxFacts> {
    const { outboxUse } = await import('../operator/outbox.ts')
    return refusedInWords(outboxUse(this.#toolkit))
  }

  /** The schedules of all views that are configured. */
  async schedules(): Promise<ScheduleEntry[]> {
    const { schedules } = await import('../operator/schedules.ts')
    return refusedInWords(schedules(this.#toolkit))
  }

  /**
   * Changes the schedule of a view, or pauses it; workers follow within half a minute. From then on the configuration does
   * not overwrite it.
   *
   * @param options.dryRun checks the change and returns what it would lead to, and changes nothing
   * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID
   */
  async tuneSchedule(target: string, change: TuneChange, options?: { dryRun?: boolean }): Promise<ChangedSchedule> {
    const { tuneSchedule } = await import('../operator/schedules.ts')
    return refusedInWords(tuneSchedule(this.#toolkit, target, change, options))
  }

  /**
   * What a schedule of a view would cost, and for how long it would hold, by the history of its refreshes. Changes nothing.
   *
   * @param timing default the schedule that the view has
   * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN; SCHEDULE_INVALID if the timing is, or if none is given and the view has none
   */
  async priceSchedule(target: string, timing?: TimingInput): Promise<SchedulePrice> {
    const { priceSchedule } = await import('../operator/schedules.ts')
    return refusedInWords(priceSchedule(this.#toolkit, target, timing))
  }

  /**
   * Who changed the schedules of views and when, the newest change first; also what was changed by hand. All changes are kept.
   *
   * @param names targets or read models; default all that are configured
   * @param options.limit most changes; default 50
   * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, HISTORY_INVALID
   */
  async scheduleChanges(
    names: string | readonly string[] = [],
    options?: { limit?: number | undefined },
  ): Promise<ScheduleChange[]> {
    const { scheduleChanges } = await import('../operator/schedule-changes.ts')
    return refusedInWords(scheduleChanges(this.#toolkit, [names].flat(), options))
  }

  /**
   * Gives the schedule of a view back to its configuration, and resumes it; workers follow within half a minute.
   *
   * @param options.dryRun says what the schedule would be, and changes nothing
   * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID
   */
  async resetSchedule(target: string, options?: { dryRun?: boolean }): Promise<ChangedSchedule> {
    const { resetSchedule } = await import('../operator/schedules.ts')
    return refusedInWords(resetSchedule(this.#toolkit, target, options))
  }
}
