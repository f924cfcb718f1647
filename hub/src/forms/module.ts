/** How forms joins the hub. */
import { fileURLToPath } from 'node:url';
import { integrationFinished } from '../libraries/index.ts';
import { CityCalendar } from '../platform/law/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { demoForms } from './demo.ts';
import { formsHolder } from './erase.ts';
import { clearParts } from './files.ts';
import { formsHoldings } from './holdings.ts';
import { phoneRoutes } from './phone-routes.ts';
import type { FormsPorts } from './ports.ts';
import { formsRoutes } from './routes.ts';
import { sheetRoutes } from './sheet/routes.ts';
import { sendOutbox } from './source/outbox.ts';
import { formsTurned } from './turned.ts';

/** Milliseconds between two looks at what waits for the exchange. */
const LOOK = 5_000;

/** What the services stand on, of a hub. */
export function formsPorts(deps: Deps): FormsPorts {
  const calendar = new CityCalendar(deps.folders.cities, deps.config.city);
  const { db, lake, clock, audit, vault, blobs, bus, log, folders } = deps;
  return { db, lake, clock, audit, vault, blobs, bus, log, folders, calendar: () => calendar.current() };
}

/** The room. */
export function formsRoom(): RoomModule {
  let ports: FormsPorts | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();
  let demo: Promise<void> = Promise.resolve();
  let stopListening: (() => void) | undefined;
  const of = (deps: Deps): FormsPorts => {
    ports ??= formsPorts(deps);
    return ports;
  };
  return {
    name: 'forms',
    personal: formsHolder,
    turned: formsTurned,
    files: [
      { table: 'forms.file', column: 'blob', store: 'blobs', title: { zh: '表单附件', en: 'a file of a form' } },
      {
        table: 'forms.import',
        column: 'blob',
        store: 'blobs',
        title: { zh: '表单导入的工作簿', en: 'a workbook of a form' },
      },
    ],
    holdings: formsHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    routes: (deps) => [...formsRoutes(of(deps)), ...phoneRoutes(of(deps)), ...sheetRoutes(of(deps))],
    async start(deps) {
      await clearParts(of(deps));
      if (deps.config.demo.enabled) {
        const make = () => {
          demo = demo
            .then(() => demoForms(of(deps), deps.config.demo.rows > 0))
            .catch((error: unknown) => deps.log.error({ err: error }, 'no forms for the demonstration'));
          return demo;
        };
        stopListening = deps.bus.on(integrationFinished, make);
        await make();
      }
      const send = () => {
        sending = sending
          .then(() => sendOutbox(of(deps)))
          .catch((error: unknown) =>
            deps.log.error({ err: error }, 'what waits for the exchange could not be looked at'),
          );
        return sending;
      };
      timer = setInterval(send, LOOK);
      timer.unref();
      // What a killed hub had accepted goes on at once; the hub answers meanwhile.
      void send();
    },
    async stop() {
      clearInterval(timer);
      stopListening?.();
      await demo;
      await sending;
    },
  };
}
