/** Scripted days of the demonstration (演示情景): played on demand by the data steward or the duty officer, marked as exercises, kept over a restart. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LiveCity, type SceneKind, sceneHours } from '@jingwei/synthcity';
import { z } from 'zod';
import type { Principal } from './platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from './platform/http/index.ts';
import { Problem, problemKind } from './platform/problem.ts';
import type { Deps } from './platform/room.ts';

export const demoOff = problemKind('demo.off', 409, '演示城市未在运行', 'the demonstration city does not live here');
export const unknownScene = problemKind('demo.scene', 404, '没有演示情景 {scene}', 'there is no scene {scene}');
export const played = problemKind('demo.playing', 409, '该情景正在进行', 'this scene is being played');

const HOUR = 3_600_000;
const kinds = Object.keys(sceneHours) as [SceneKind, ...SceneKind[]];
const titles: Readonly<Record<SceneKind, { zh: string; en: string }>> = {
  typhoon: { zh: '台风（演练）', en: 'Typhoon (exercise)' },
  'congested-friday': { zh: '拥堵的周五（演练）', en: 'Congested Friday (exercise)' },
  'chemical-leak': { zh: '危化品泄漏（演练）', en: 'Chemical leak (exercise)' },
};
/** A demonstration does not last days: hours of the script that are passed over, and how fast the others go. */
const pace: Readonly<Record<SceneKind, { skip: number; tempo: number }>> = {
  // From the first bands of rain: the centre is nearest an hour later.
  typhoon: { skip: 16, tempo: 8 },
  'congested-friday': { skip: 1.5, tempo: 2 },
  'chemical-leak': { skip: 0.4, tempo: 1 },
};

const kept = z.array(
  z.object({
    kind: z.enum(kinds),
    start: z.number(),
    strength: z.number(),
    tempo: z.number(),
    by: z.string(),
    until: z.number(),
  }),
);
type Kept = z.output<typeof kept>[number];

const body = z.strictObject({
  /** 0.2 … 1.5, 1 by default. */
  strength: z.number().min(0.2).max(1.5).default(1),
  /** How fast, 1 … 20. */
  tempo: z.number().min(1).max(20).optional(),
});
const text = z.object({ zh: z.string(), en: z.string() });
const shown = z.object({
  scene: z.enum(kinds),
  title: text,
  /** Always: nothing of a scene is real. */
  exercise: z.literal(true),
  playing: z.boolean(),
  start: z.string().nullable(),
  end: z.string().nullable(),
  by: z.string().nullable(),
  script: z.array(
    z.object({
      kind: z.string(),
      from: z.string(),
      to: z.string(),
      text,
      lon: z.number().nullable(),
      lat: z.number().nullable(),
    }),
  ),
});
const list = z.object({ scenes: z.array(shown) });

/** The scenes that are being played, and the city with them laid over. */
export class LiveScenes {
  readonly #deps: Deps;
  readonly #base: () => LiveCity;
  readonly #file: string;
  #kept: Kept[];
  #city: LiveCity | undefined;

  constructor(deps: Deps, base: () => LiveCity) {
    this.#deps = deps;
    this.#base = base;
    this.#file = join(deps.folders.data, 'demo-scenes.json');
    this.#kept = existsSync(this.#file) ? kept.catch([]).parse(JSON.parse(readFileSync(this.#file, 'utf8'))) : [];
  }

  #now(): number {
    return this.#deps.clock.now().getTime();
  }

  /** The city as it is now, scenes of the past fortnight included: their water is still running off. */
  city(): LiveCity {
    this.#city ??=
      this.#kept.length > 0
        ? this.#base().with(...this.#kept.map(({ kind, start, strength, tempo }) => ({ kind, start, strength, tempo })))
        : this.#base();
    return this.#city;
  }

  #keep(next: Kept[]): void {
    this.#kept = next.filter((s) => s.until > this.#now() - 15 * 24 * HOUR);
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#kept));
    renameSync(`${this.#file}.new`, this.#file);
    this.#city = undefined;
  }

  /** How fast the fastest scene goes that is being played; 1: none is. */
  tempo(): number {
    const now = this.#now();
    return Math.max(1, ...this.#kept.filter((s) => s.until > now).map((s) => s.tempo));
  }

  #playing(scene: SceneKind): Kept | undefined {
    return this.#kept.find((s) => s.kind === scene && s.until > this.#now());
  }

  /** Begins a scene. Problem `demo.playing`. */
  async play(scene: SceneKind, input: z.output<typeof body>, who: Principal): Promise<void> {
    if (this.#playing(scene)) throw new Problem(played);
    const tempo = input.tempo ?? pace[scene].tempo;
    const start = this.#now() - (pace[scene].skip / tempo) * HOUR;
    const until = start + (sceneHours[scene] / tempo) * HOUR;
    this.#keep([...this.#kept, { kind: scene, start, strength: input.strength, tempo, by: who.login, until }]);
    await this.#audit('demo.scene.play', scene, who, { strength: input.strength, tempo });
  }

  /** Ends a scene at once; what it did stays in the readings. */
  async end(scene: SceneKind, who: Principal): Promise<void> {
    const one = this.#playing(scene);
    if (!one) return;
    this.#keep(this.#kept.filter((s) => s !== one));
    await this.#audit('demo.scene.end', scene, who, {});
  }

  #audit(action: string, scene: SceneKind, actor: Principal, detail: Record<string, unknown>): Promise<void> {
    return this.#deps.audit.append({
      actor,
      action,
      object: `demo-scene/${scene}`,
      outcome: 'ok',
      detail: { ...detail, exercise: true },
    });
  }

  /** Every scene, with the script of those that are being played. */
  shown(): z.output<typeof list> {
    const iso = (at: number): string => new Date(at).toISOString();
    return {
      scenes: kinds.map((scene) => {
        const one = this.#playing(scene);
        const script = one
          ? this.city()
              .truth(one.start, one.until)
              .filter((t) => t.scene === scene)
          : [];
        return {
          ...{ scene, title: titles[scene], exercise: true as const, playing: one !== undefined },
          ...{ start: one ? iso(one.start) : null, end: one ? iso(one.until) : null, by: one?.by ?? null },
          script: script.map((t) => ({
            kind: t.kind,
            from: iso(t.from),
            to: iso(t.to),
            text: t.text,
            lon: t.at?.[0] ?? null,
            lat: t.at?.[1] ?? null,
          })),
        };
      }),
    };
  }
}

/** Routes of the scenes; they are there in every hub and say `demo.off` where no demonstration lives. */
export function sceneRoutes(_deps: Deps, scenes: () => LiveScenes | undefined): RouteDefinition[] {
  const room = 'demo';
  const base = '/api/v1/demo/scenes';
  const one = z.object({ scene: z.string().max(40) });
  const living = (): LiveScenes => {
    const found = scenes();
    if (!found) throw new Problem(demoOff);
    return found;
  };
  const kindOf = (scene: string): SceneKind => {
    const found = kinds.find((k) => k === scene);
    if (!found) throw new Problem(unknownScene, { scene });
    return found;
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'sensing.read', response: list, problems: [demoOff] },
      summary: { zh: '演示情景', en: 'Scenes of the demonstration' },
      handler: async () => living().shown(),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{scene}`, room, access: 'event.dispatch', params: one, body, response: list },
      ...{
        problems: [demoOff, unknownScene, played],
        summary: { zh: '开始演示情景（演练）', en: 'Play a scene (exercise)' },
      },
      async handler({ params, body: input, principal }) {
        const live = living();
        await live.play(kindOf(params.scene), input, principal);
        return live.shown();
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/{scene}`, room, access: 'event.dispatch', params: one, response: list },
      ...{ problems: [demoOff, unknownScene], summary: { zh: '结束演示情景', en: 'End a scene' } },
      async handler({ params, principal }) {
        const live = living();
        await live.end(kindOf(params.scene), principal);
        return live.shown();
      },
    }),
  ];
}
