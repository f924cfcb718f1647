/** How command joins the hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type AlertBrief, alertChanged, openAlerts } from '../alerts/index.ts';
import { catalogueOf } from '../catalogue/index.ts';
import { addLayers } from '../map/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { demoCommand } from './demo.ts';
import { commandHoldings } from './holdings.ts';
import { commandLayers } from './layers.ts';
import { commandMirrors } from './mirrors.ts';
import { registerPlans } from './plans.ts';
import type { CommandDeps } from './ports.ts';
import { heed, type Warning } from './proposals.ts';
import type { Both } from './pure/index.ts';
import { commandRoutes } from './routes.ts';
import { Seats } from './seats.ts';
import { Watch } from './watch.ts';

const cityName = (deps: Deps): Both => {
  const { city } = deps.config;
  const { name } = parse(readFileSync(join(deps.folders.cities, city, 'city.yaml'), 'utf8')) as { name?: Both };
  return name ?? { zh: city, en: city };
};

/** What the room stands on, of a hub. */
function portsOf(deps: Deps): CommandDeps {
  const { db, lake, clock, audit, blobs, seal, log, vault, bus, http, notices } = deps;
  return {
    ...{
      db,
      lake,
      clock,
      audit,
      blobs,
      seal,
      log,
      vault,
      bus,
      http,
      notices,
      city: deps.config.city,
      cityName: cityName(deps),
    },
    // Beside the folder of sources, as declared libraries are.
    plans: join(deps.folders.sources, '..', 'plans'),
    organisations: () => catalogueOf(lake).organisations,
    ...{ seats: new Seats(), faults: [] },
  };
}

const colours = ['blue', 'yellow', 'orange', 'red'] as const;

/** An alert as plans' triggers look at it; exercises and silenced ones propose nothing. */
export function warningOf(a: AlertBrief): Warning | null {
  if (a.exercise || a.silenced !== null || a.inhibited !== null) return null;
  const codes = [a.event, a.rule, a.type, a.property, a.category].filter((c): c is string => typeof c === 'string');
  const open = a.closedAt === null && a.level > 0;
  return {
    key: String(a.id),
    codes,
    severity: colours[Math.max(0, a.level - 1)] ?? 'blue',
    open,
    title: a.title,
    lon: a.lon,
    lat: a.lat,
  };
}

/** The room. */
export function commandRoom(): RoomModule {
  let own: CommandDeps | undefined;
  let watch: Watch | undefined;
  let demo: Promise<void> = Promise.resolve();
  const ends: (() => void)[] = [];
  const of = (deps: Deps): CommandDeps => {
    own ??= portsOf(deps);
    return own;
  };
  return {
    name: 'command',
    files: [
      {
        table: 'command.operation',
        column: 'log_sha256',
        store: 'blobs',
        title: { zh: '处置日志', en: 'the log of an operation' },
      },
      {
        table: 'command.report',
        column: 'sha256',
        store: 'blobs',
        title: { zh: '处置报告', en: 'the report of an operation' },
      },
    ],
    holdings: commandHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    mirrors: commandMirrors,
    routes: (deps) => commandRoutes(of(deps)),
    async start(deps) {
      const ports = of(deps);
      await registerPlans(ports);
      addLayers(deps, commandLayers(ports));
      watch = new Watch(ports);
      watch.start();
      const looking = watch;
      ends.push(
        deps.bus.on(alertChanged, ({ alert }) => {
          const warning = warningOf(alert);
          // Not waited for: whoever tells of an alert has its own work to do.
          if (warning) looking.heed([warning]);
        }),
      );
      // What opened while the hub was down.
      const open = (await openAlerts(deps.db)).flatMap((a) => warningOf(a) ?? []);
      await heed(ports, open);
      if (deps.config.demo.enabled)
        demo = demoCommand(ports, deps.config.demo.seed).catch((error: unknown) =>
          deps.log.error({ err: error }, 'no duty and resources for the demonstration'),
        );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      own?.seats.end();
      await demo;
      await watch?.stop();
    },
  };
}
