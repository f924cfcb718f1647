/** What the service of open data stands on. */
import type { WorkingCalendar } from '@jingwei/codes';
import { eventKind } from '../platform/bus/index.ts';
import { CityCalendar } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';

export interface PublishingPorts
  extends Pick<Deps, 'db' | 'lake' | 'clock' | 'audit' | 'jobs' | 'blobs' | 'seal' | 'log' | 'bus'> {
  folders: Pick<Deps['folders'], 'data' | 'standards'>;
  rules: Deps['config']['open'];
  city: string;
  /** Where the hub is reached; empty before it listens. */
  url(): string;
  calendar(): WorkingCalendar;
}

/** What is open changed: opened, renewed, suspended, withdrawn. Told after it is on disk. */
export const openChanged = eventKind<{ dataset: number }>('publishing.changed');

/** Of a hub. */
export function publishingPorts(deps: Deps): PublishingPorts {
  const calendar = new CityCalendar(deps.folders.cities, deps.config.city);
  const { db, lake, clock, audit, jobs, blobs, seal, log, bus, folders } = deps;
  return {
    ...{
      db,
      lake,
      clock,
      audit,
      jobs,
      blobs,
      seal,
      log,
      bus,
      folders,
      rules: deps.config.open,
      city: deps.config.city,
    },
    ...{ url: () => deps.http.url(), calendar: () => calendar.current() },
  };
}
