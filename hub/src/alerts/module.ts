/** How alerts joins the hub. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { organisationsNow } from '../catalogue/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import type { Problem } from '../platform/problem.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { RuleSeals } from '../platform/seal/index.ts';
import { sensingOf } from '../sensing/index.ts';
import { expire } from './cap/intake.ts';
import { issuerSchema, readEvents } from './cap/profile.ts';
import { declareLayers } from './layers.ts';
import { alertChanged } from './live/alert.ts';
import { Evaluator } from './live/evaluator.ts';
import { EvidenceKeeper } from './live/evidence.ts';
import { alertMirror } from './mirrors.ts';
import type { AlertPorts } from './ports.ts';
import { alertRoutes } from './routes.ts';
import { readRules, rulesFolder } from './rules/declaration.ts';
import { registerFiles, ruleSubjects } from './rules/store.ts';
import { AlertStream } from './stream.ts';
import { alertsTurned } from './turned.ts';

/** Milliseconds between two looks at messages that expire. */
const EXPIRE = 20_000;

/** The room. */
export function alertsRoom(): RoomModule {
  let evaluator: Evaluator | undefined;
  let evidence: EvidenceKeeper | undefined;
  let rules: RuleSeals | undefined;
  let ports: AlertPorts | undefined;
  let timer: NodeJS.Timeout | undefined;
  let faults: Problem[] = [];
  const stream = new AlertStream();
  const ends: (() => void)[] = [];
  const of = (deps: Deps): AlertPorts => {
    if (ports) return ports;
    const { db, lake, clock, audit, seal, log, bus, http, notices, config, folders } = deps;
    const file = join(folders.cities, config.city, 'warnings.yaml');
    const issuer = existsSync(file) ? readYaml(file, `cities/${config.city}/warnings.yaml`, issuerSchema) : undefined;
    if (issuer) faults.push(...issuer.problems);
    // Before anything runs (tests of routes) the store is the only truth.
    let queue: Promise<unknown> = Promise.resolve();
    const made: AlertPorts = {
      ...{ db, lake, clock, audit, seal, log, bus, http, notices, city: config.city },
      issuer: issuer?.value ?? null,
      events: existsSync(join(folders.standards, 'warning-events.yaml')) ? readEvents(folders.standards) : [],
      organisations: () => organisationsNow(deps),
      faults: () => faults,
      sensing: () => sensingOf(lake),
      evaluator: () => evaluator,
      exclusive: (work) => {
        if (evaluator) return evaluator.manager.exclusive(work);
        const next = queue.then(work);
        queue = next.catch(() => undefined);
        return next;
      },
      changed: async (id, kind) => evaluator?.manager.changed(id, kind),
      quietChanged: async () => evaluator?.manager.quietChanged(),
      rulesChanged: async () => evaluator?.reload(),
    };
    ports = made;
    return made;
  };
  return {
    name: 'alerts',
    turned: alertsTurned,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    mirrors: [alertMirror],
    routes: (deps) => alertRoutes(of(deps), stream),
    async start(deps) {
      const own = of(deps);
      const declared = readRules(rulesFolder(deps));
      const wrong = declared.flatMap((d) => d.problems);
      for (const problem of wrong) deps.log.error({ problem: problem.toJSON() }, problem.message);
      faults = [...faults, ...wrong];
      await registerFiles(deps.db, declared, deps.clock.now());
      rules = new RuleSeals(deps, 'alerts', [{ folder: rulesFolder(deps), shown: 'rules' }], () =>
        ruleSubjects(deps.db),
      );
      declareLayers(deps, 'city');
      ends.push(deps.bus.on(alertChanged, (change) => stream.tell(change)));
      const sensing = sensingOf(deps.lake);
      if (!sensing) return;
      const running = new Evaluator(deps, sensing);
      evidence = new EvidenceKeeper(deps.db, sensing, deps.log, (name) => running.manager.rules.get(name)?.rule);
      running.manager.onGraver = (alert, series) => evidence?.ask(alert, series);
      evaluator = running;
      await running.start();
      timer = setInterval(() => {
        expire(own).catch((error: unknown) => deps.log.error({ err: error }, 'messages could not be ended'));
      }, EXPIRE).unref();
    },
    async stop() {
      clearInterval(timer);
      for (const end of ends.splice(0)) end();
      stream.close();
      await evaluator?.stop();
      await evidence?.stop();
      await rules?.stop();
    },
  };
}
