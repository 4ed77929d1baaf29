import { changedSettings } from '../drift.ts'
import type { Materializer, Prepared } from '../materializer.ts'

/** Why a target is to be built again: what its preparation says, or other settings than those of what serves. */
export const reasonToRebuild = ({ settings }: Materializer, prepared: Prepared): string | undefined =>
  prepared.state === 'unfit' ? prepared.reason : changedSettings(prepared.generation.settings, settings)
