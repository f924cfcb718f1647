/** Reads the configuration: defaults, then the file, then the environment; every fault is told at once. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { parseBilingual, sentences } from '../i18n/validation.ts';
import { Problem, problemKind } from '../problem.ts';
import { type Config, configSchema } from './schema.ts';

const invalid = problemKind('config.invalid', 500, '配置有 {count} 处错误', 'the configuration has {count} faults');
const setting = problemKind('config.setting', 500, '配置项 {setting}：{zh}', 'the setting {setting}: {en}');
const missing = problemKind('config.no-file', 500, '没有配置文件 {file}', 'there is no configuration file {file}');
const notYaml = problemKind('config.not-yaml', 500, '配置文件不是合法的 YAML：{reason}', 'not valid YAML: {reason}');

/** One option as the documentation shows it. */
export interface ConfigOption {
  /** `http.port` */
  setting: string;
  /** `JINGWEI_HTTP_PORT` */
  env: string;
  type: string;
  default: unknown;
  description: string;
}

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
}

const envName = (path: readonly string[]): string =>
  `JINGWEI_${path.map((p) => p.replace(/MiB$|[A-Z]/g, (c) => `_${c}`).toUpperCase()).join('_')}`;

function* leaves(node: JsonSchema, path: string[] = []): Generator<{ path: string[]; node: JsonSchema }> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (child.properties) yield* leaves(child, [...path, key]);
    else yield { path: [...path, key], node: child };
  }
}

const schemaTree = (): JsonSchema =>
  z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

function typeOf(node: JsonSchema): string {
  if (node.enum) return node.enum.join(' | ');
  if (node.anyOf) return [...new Set(node.anyOf.map(typeOf))].join(' | ');
  const { minimum, maximum } = node;
  // Bounds that only say "a safe integer" say nothing.
  const bounds =
    minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` ${minimum}–${maximum}` : '';
  return `${node.type ?? 'object'}${bounds}`;
}

/** Every option with its environment variable, type, default and description. */
export function describeConfig(): ConfigOption[] {
  return [...leaves(schemaTree())].map(({ path, node }) => ({
    setting: path.join('.'),
    env: path[0] === 'secrets' ? 'JINGWEI_SECRETS_<NAME>' : envName(path),
    type: typeOf(node),
    default: node.default,
    description: node.description ?? '',
  }));
}

/** Variables of this prefix that speak to other parts: tests, benches, the command line, the console's development server. */
const others = /^JINGWEI_(TEST_|BENCH_|CLI_|CONFIG$|CHROMIUM$|HUB$|URL$|TOKEN$)/;

/** Where a value came from, for the place of a fault. */
interface Origin {
  file?: string;
  line?: number;
  env?: string;
}

type Tree = Record<string, unknown>;

function put(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key] as Tree;
  }
  node[path.at(-1)!] = value;
}

/** A text of the environment as the type that the option has; what does not fit stays text and is refused later. */
function fromText(text: string, node: JsonSchema): unknown {
  const types = [node.type, ...(node.anyOf ?? []).map((n) => n.type)];
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.includes('number') || types.includes('integer')) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

/** What to read. */
export interface ConfigSources {
  /** A file that must exist; without it `jingwei.yaml` in `cwd`, when there is one. */
  file?: string;
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Settings by path that win over everything: `{ 'http.port': 0 }` (command line, tests). */
  overrides?: Record<string, unknown>;
}

/** The checked configuration, its data folder absolute. Throws one Problem with every fault. */
export function loadConfig(sources: ConfigSources = {}): Config {
  const cwd = sources.cwd ?? process.cwd();
  const env = sources.env ?? process.env;
  const origins = new Map<string, Origin>();
  const faults: Problem[] = [];
  const tree = readFile(sources.file ?? env.JINGWEI_CONFIG, cwd, origins);
  const known = new Map([...leaves(schemaTree())].map((leaf) => [envName(leaf.path), leaf]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('JINGWEI_') || others.test(name) || !text) continue;
    const leaf = known.get(name);
    if (name.startsWith('JINGWEI_SECRETS_')) {
      const key = name.slice('JINGWEI_SECRETS_'.length).toLowerCase().replaceAll('_', '-');
      origins.set(`secrets.${key}`, { env: name });
      put(tree, ['secrets', key], parseJson(text));
    } else if (leaf && leaf.path[0] !== 'secrets') {
      origins.set(leaf.path.join('.'), { env: name });
      put(tree, leaf.path, fromText(text, leaf.node));
    } else {
      faults.push(
        new Problem(
          setting,
          { setting: name, zh: '没有这个配置项', en: 'there is no such setting' },
          { setting: name },
        ),
      );
    }
  }
  for (const [path, value] of Object.entries(sources.overrides ?? {})) put(tree, path.split('.'), value);
  const checked = parseBilingual(configSchema, tree);
  if (!checked.success) faults.push(...checked.error.issues.flatMap((issue) => faultsOf(issue, origins)));
  if (faults.length > 0 || !checked.success) throw new Problem(invalid, { count: faults.length }, undefined, faults);
  const config = checked.data as Config;
  return { ...config, dataFolder: resolve(cwd, config.dataFolder) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readFile(given: string | undefined, cwd: string, origins: Map<string, Origin>): Tree {
  const file = resolve(cwd, given ?? 'jingwei.yaml');
  if (!existsSync(file)) {
    if (given !== undefined) throw new Problem(missing, { file }, { file });
    return {};
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const error = document.errors[0];
  if (error) {
    const reason = error.message.split('\n')[0];
    throw new Problem(notYaml, { reason }, { file, line: lines.linePos(error.pos[0]).line });
  }
  const walk = (node: unknown, path: string[]): void => {
    const { items } = (node ?? {}) as { items?: { key?: { value?: unknown; range?: number[] }; value?: unknown }[] };
    for (const item of items ?? []) {
      if (item?.key?.value === undefined) continue;
      const at = [...path, String(item.key.value)];
      origins.set(at.join('.'), { file, line: lines.linePos(item.key.range?.[0] ?? 0).line });
      walk(item.value, at);
    }
  };
  walk(document.contents, []);
  origins.set('', { file });
  const tree: unknown = document.toJS() ?? {};
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw new Problem(notYaml, { reason: 'a mapping of settings is expected' }, { file, line: 1 });
  }
  return tree as Tree;
}

function faultsOf(issue: z.core.$ZodIssue, origins: Map<string, Origin>): Problem[] {
  const base = issue.path.map(String);
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...base, key]) : [base];
  return paths.map((path) => {
    const name = path.join('.');
    // The nearest ancestor that was written somewhere.
    let origin: Origin = {};
    for (let n = path.length; n >= 0 && Object.keys(origin).length === 0; n--) {
      origin = origins.get(path.slice(0, n).join('.')) ?? {};
    }
    const said =
      issue.code === 'unrecognized_keys' ? { zh: '没有这个配置项', en: 'there is no such setting' } : sentences(issue);
    const { env, ...place } = origin;
    const shown = env ? `${name} (${env})` : name;
    return new Problem(setting, { setting: shown, ...said }, { ...place, setting: name });
  });
}
