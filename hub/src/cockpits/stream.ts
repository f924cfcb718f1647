/**
 * Figures as server-sent events: all of a cockpit at first, then what changes, gathered for a fifth of a second. A reader that is slow is
 * told the newest when it reads again; nothing piles up. A stream ends after some minutes, so that the browser comes again with the rights
 * that it has then.
 */
import type { Principal } from '../platform/auth/principal.ts';
import type { Desk } from './desk.ts';
import type { Scenario } from './load.ts';
import { lacking } from './rights.ts';
import { type FigureTexts, figureView, measuresOf } from './views.ts';

/** Milliseconds: for which changes are gathered; between signs of life; until a stream ends. */
export const rhythm = { gather: 200, beat: 15_000, life: 600_000 };

/** The events of one viewer. */
export async function* figureStream(
  desk: Desk,
  texts: FigureTexts,
  scenario: Scenario,
  who: Principal,
  ended: () => boolean,
): AsyncGenerator<string> {
  const measures = measuresOf(desk, scenario);
  const open = measures.filter((m) => !lacking(who, m.permissions));
  const byKey = new Map(open.map((m) => [m.key, m]));
  const changed = new Set<string>();
  let wake = () => {};
  const off = desk.figures.watch([...byKey.keys()], (key) => {
    changed.add(key);
    wake();
  });
  const until = performance.now() + rhythm.life;
  try {
    const closed = measures.filter((m) => !byKey.has(m.key)).map((m) => JSON.stringify(figureView(desk, m, who)));
    yield `retry: 3000\n${event([...open.map((m) => texts.of(desk, m)), ...closed])}`;
    while (performance.now() < until && !ended()) {
      if (changed.size === 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, rhythm.beat);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      if (changed.size === 0) {
        yield ': alive\n\n';
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, rhythm.gather));
      const keys = [...changed];
      changed.clear();
      yield event(keys.map((key) => texts.of(desk, byKey.get(key)!)));
    }
  } finally {
    off();
  }
}

const event = (figures: readonly string[]): string => `event: figures\ndata: [${figures.join(',')}]\n\n`;
