/**
 * Who may import whom (ARCHITECTURE.md, invariant 1), checked on the text of every source file.
 * Pure: given files it answers the violations, so that a test can prove that each rule is able to fail.
 */
import { posix } from 'node:path';

/** The rooms in the order in which they may know each other: a room imports only those before it. */
export const ROOMS = [
  'catalogue',
  'exchange',
  'refinery',
  'libraries',
  'credit',
  'archives',
  'forms',
  'sharing',
  'gateway',
  'subscriptions',
  'publishing',
  'peers',
  'map',
  'sensing',
  'alerts',
  'risk',
  'events',
  'command',
  'services',
  'assets',
  'security',
  'twin',
  'assessment',
  'cockpits',
  'workbench',
  'erasure',
] as const;

/** One source file: its path from the root with `/`, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/** What is wrong, said so that the reader knows what to do. */
export interface Violation {
  path: string;
  imports: string;
  rule: string;
}

/** What a room means without a hub (no Node, no engine): the console judges by the same code (hub/src/<room>/pure/index.ts). */
const PURE = /^hub\/src\/[a-z]+\/pure\/index\.ts$/;

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s+)?['"]([^'"\n]+)['"]|import\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** Entrances of packages beside their index: parts that not everyone can load (an engine, Node's files and threads). */
const entrances = new Set(['@jingwei/hub/light', '@jingwei/keyless/service', '@jingwei/keyless/publish']);

/** The specifiers that a file imports, static, re-exported and dynamic. */
export function importsOf(text: string): string[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...bare.matchAll(IMPORT)].map((m) => (m[1] ?? m[2])!);
}

type Place =
  | { layer: 'package'; name: string }
  | { layer: 'platform' }
  | { layer: 'room'; name: string; door: boolean }
  | { layer: 'composition' }
  | { layer: 'cli' }
  | { layer: 'console' }
  | { layer: 'other' };

function placeOf(path: string): Place {
  const p = path.split('/');
  if (p[0] === 'packages') return { layer: 'package', name: p[1]! };
  if (p[0] === 'cli') return { layer: 'cli' };
  if (p[0] === 'web') return { layer: 'console' };
  if (p[0] === 'hub' && p[1] === 'src') {
    if (p[2] === 'platform') return { layer: 'platform' };
    if (p.length > 3) return { layer: 'room', name: p[2]!, door: p.length === 4 && p[3] === 'index.ts' };
    return { layer: 'composition' };
  }
  return { layer: 'other' };
}

/** Every import that breaks a rule. Test files (`*.test.ts`, `testing.ts`, `fixture.ts`,
 * `fixtures/`) obey the same rules except that they may use any room's `testing.ts` and rooms in any order. */
export function violations(files: readonly SourceFile[]): Violation[] {
  const found: Violation[] = [];
  for (const file of files) {
    const from = placeOf(file.path);
    const isTest = /\.test\.tsx?$|\/(testing|fixture)\.ts$|\/fixtures\//.test(file.path);
    for (const specifier of importsOf(file.text)) {
      const bad = (rule: string) => found.push({ path: file.path, imports: specifier, rule });
      if (specifier.startsWith('@jingwei/')) {
        const name = specifier.split('/')[1]!;
        if (name === 'hub' && from.layer !== 'cli' && from.layer !== 'other')
          bad('only the command line imports the hub');
        // What verifies in the browser is the same code that verifies in the hub.
        if (from.layer === 'console' && specifier !== '@jingwei/keyless')
          bad('the console imports the generated API types and the verifier of keyless signatures only');
        if (specifier.split('/').length > 2 && !entrances.has(specifier))
          bad('a package is entered through its index only');
        continue;
      }
      if (!specifier.startsWith('.')) continue;
      const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
      const to = placeOf(target);
      if (from.layer === 'package' && (to.layer !== 'package' || to.name !== from.name)) {
        bad('packages import packages by name only and know nothing of the hub');
      } else if (from.layer === 'platform' && to.layer !== 'platform') {
        bad('platform knows no room and no composition');
      } else if (from.layer === 'room') {
        if (to.layer === 'composition') bad('a room does not import the composition');
        if (to.layer === 'cli' || to.layer === 'console' || to.layer === 'package')
          bad('a room imports platform, packages by name, and earlier rooms');
        if (to.layer === 'room' && to.name !== from.name) {
          const order = ROOMS as readonly string[];
          if (!order.includes(to.name) || !order.includes(from.name)) {
            bad('a folder of hub/src is platform or a listed room');
          } else if (!to.door && !(isTest && /\/testing\.ts$/.test(target))) {
            bad(`room ${to.name} is entered through its index.ts only`);
          } else if (!isTest && order.indexOf(to.name) >= order.indexOf(from.name)) {
            bad(`room ${from.name} stands before ${to.name}: effects that way travel as events`);
          }
        }
      } else if (from.layer === 'composition' && to.layer === 'room' && !to.door) {
        bad(`room ${to.name} is entered through its index.ts only`);
      } else if (from.layer === 'console' && to.layer !== 'console' && !PURE.test(target)) {
        bad('the console imports the generated API types only');
      } else if (from.layer === 'cli' && to.layer !== 'cli') {
        bad('the command line imports the hub and the packages by name');
      }
    }
  }
  return found;
}
