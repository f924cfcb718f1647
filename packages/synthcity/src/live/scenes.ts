/** Scripted days (情景): what is laid over the ordinary city. A scene changes the causes (wind, rain, tide, traffic, gas); everything else follows. */
import { HOUR } from './calendar.ts';
import { distance, type Ground, type LonLat, metres } from './ground.ts';
import { bump, clamp, hash32, ripple, salt32 } from './random.ts';

/** Kinds of scripted days. */
export type SceneKind = 'typhoon' | 'congested-friday' | 'chemical-leak';

/** A scene as it is asked for. */
export interface SceneOptions {
  kind: SceneKind;
  /** When it begins, ms UTC. */
  start: number;
  /** How strong, 0.2 … 1.5; 1 by default. */
  strength?: number;
  /** Tempo: 2 lets everything happen in half the time (a demonstration); 1 by default. */
  tempo?: number;
  /** Where it happens: the accident, the leak. The city chooses otherwise. */
  at?: LonLat;
}

/** A scene with what was left open filled in. */
export interface Scene extends Required<SceneOptions> {
  /** When nothing of it is left, ms UTC. */
  end: number;
  salt: number;
  /** Position of its place among the towns. */
  zone: number;
}

/** How long each lasts at tempo 1, in hours. */
export const sceneHours: Readonly<Record<SceneKind, number>> = {
  typhoon: 60,
  'congested-friday': 8,
  'chemical-leak': 6,
};

/** Fills a scene in. Throws RangeError for a strength or tempo out of bounds. */
export function sceneOf(ground: Ground, options: SceneOptions, leakAt: LonLat): Scene {
  const strength = options.strength ?? 1;
  const tempo = options.tempo ?? 1;
  if (!(strength >= 0.2 && strength <= 1.5)) throw new RangeError(`strength is from 0.2 to 1.5: ${strength}`);
  if (!(tempo >= 0.1 && tempo <= 100)) throw new RangeError(`tempo is from 0.1 to 100: ${tempo}`);
  const central = ground.roads.filter((r) => ground.towns[r.zone]!.name === '古塘街道' && r.line.length > 6);
  const road = central[0] ?? ground.roads[0]!;
  const at = options.at ?? (options.kind === 'chemical-leak' ? leakAt : road.line[road.line.length >> 1]!);
  const end = options.start + (sceneHours[options.kind] / tempo) * HOUR;
  return { ...options, strength, tempo, at, end, salt: salt32(ground.seed, options.kind), zone: ground.zoneAt(at) };
}

/** Hours into the script, whatever the tempo. */
export const into = (scene: Scene, at: number): number => ((at - scene.start) / HOUR) * scene.tempo;

/** When the typhoon's centre is nearest, in hours of the script. */
export const LANDFALL = 24;

/** What the typhoon adds at a place: wind (m/s, east and north), rain (mm/h), pressure (hPa), surge (m). */
export interface TyphoonForce {
  east: number;
  north: number;
  rain: number;
  pressure: number;
  surge: number;
}

/** The typhoon's force on a town. Spiral bands come in from the south-east; the hills get more rain; wind turns as the centre passes. */
export function typhoonAt(scene: Scene, at: number, zone: number, hill: number): TyphoonForce {
  const h = into(scene, at);
  const near = h - LANDFALL;
  const blow = 31 * scene.strength * (0.75 * bump(h, LANDFALL, 9) + 0.25 * bump(h, LANDFALL, 18));
  // North-easterly before, easterly at the nearest, southerly after: from 45° over 90° to 190°.
  const from = ((90 + clamp(near * 7, -45, 100)) * Math.PI) / 180;
  const gust = 1 + 0.12 * ripple(scene.salt, zone + 7, h * 3);
  const band = clamp(0.75 + 0.7 * ripple(scene.salt, zone % 5, h / 1.4), 0.1, 1.5);
  // Some 400 mm in the plain and 600 in the hills at strength 1, as the wettest typhoons of this coast brought.
  const rain =
    scene.strength * (1 + 0.5 * hill) * band * (28 * bump(h, LANDFALL - 1, 8) + 8 * bump(h, LANDFALL + 8, 9));
  return {
    east: -Math.sin(from) * blow * gust,
    north: -Math.cos(from) * blow * gust,
    rain: rain < 0.05 ? 0 : rain,
    pressure: -38 * scene.strength * bump(h, LANDFALL, 14),
    surge: scene.strength * 1.7 * bump(h, LANDFALL - 1, 5),
  };
}

/** Hours of the script between which a town has no power; undefined when the wind spares it. */
export function cutOf(scene: Scene, zone: number): [from: number, to: number] | undefined {
  if (scene.kind !== 'typhoon') return undefined;
  const draw = hash32(scene.salt, 71, zone) % 100;
  if (draw >= 34 * scene.strength) return undefined;
  const from = LANDFALL - 3 + (draw % 6);
  return [from, from + 6 + (draw % 11)];
}

/** Whether schools and scenic spots are shut: from the evening before the landfall to the end of the storm. */
export const shutBy = (scene: Scene, at: number): boolean =>
  scene.kind === 'typhoon' && into(scene, at) >= 8 && into(scene, at) < 44;

/** Hours between which the accident blocks its road, and how the jam around it rises and falls (0 … 1). */
export const ACCIDENT: readonly [number, number] = [2.25, 4];
/** How congested a place is by the Friday's scene, 0 … 1. */
export function jamAt(scene: Scene, at: number, place: LonLat): number {
  if (scene.kind !== 'congested-friday') return 0;
  const h = into(scene, at);
  if (h < 0) return 0;
  // Everybody leaves early for the weekend; from the accident a queue of up to four kilometres grows and dissolves.
  const city = 0.35 * bump(h, 3.2, 2);
  const reach = 4000 * clamp((h - ACCIDENT[0]) / 1.2, 0, 1) * clamp(1 - (h - ACCIDENT[1]) / 2, 0, 1);
  const queue = reach > 50 ? 0.75 * Math.exp(-((distance(place, scene.at) / reach) ** 2)) : 0;
  return clamp((city + queue) * scene.strength, 0, 1);
}

/** Release in grams a second at an hour of the script: the valve breaks, then is throttled, then shut. */
export const releaseAt = (scene: Scene, h: number): number =>
  h < 0.5 || h > 3 ? 0 : scene.strength * (h < 1.5 ? 900 : h < 2.4 ? 380 : 380 * clamp((3 - h) / 0.6, 0, 1));

/**
 * Concentration (mg/m³) at a place by a Gaussian plume of a ground release with rural dispersion of neutral stability (Briggs), `from` the direction
 * that the wind comes from in degrees, `speed` in m/s. Zero upwind; what arrives left the source as long ago as the wind needs for the way.
 */
export function plumeAt(scene: Scene, at: number, place: LonLat, speed: number, from: number): number {
  if (scene.kind !== 'chemical-leak') return 0;
  const dx = (place[0] - scene.at[0]) * metres.lon;
  const dy = (place[1] - scene.at[1]) * metres.lat;
  const blow = ((from + 180) * Math.PI) / 180;
  const along = dx * Math.sin(blow) + dy * Math.cos(blow);
  const across = dx * Math.cos(blow) - dy * Math.sin(blow);
  // Within the works the gas is everywhere at once.
  const x = Math.hypot(dx, dy) < 60 ? 60 : along;
  if (x < 30) return 0;
  const u = Math.max(0.8, speed);
  const grams = releaseAt(scene, into(scene, at - (x / u) * 1000));
  if (grams === 0) return 0;
  const sy = (0.08 * x) / Math.sqrt(1 + 0.0001 * x);
  const sz = (0.06 * x) / Math.sqrt(1 + 0.0015 * x);
  const side = Math.hypot(dx, dy) < 60 ? 0 : across / sy;
  return ((grams * 1000) / (Math.PI * u * sy * sz)) * Math.exp(-(side * side) / 2);
}
