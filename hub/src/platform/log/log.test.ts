import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutValues } from './clean.ts';
import { createLogger } from './index.ts';

test('passwords, tokens and names never reach the log', () => {
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line: string) => void lines.push(line) } });
  log.info({ password: 'p1', user: { token: 't1', login: 'li' }, a: { b: { name: '张三' } } }, 'signed in');
  const text = lines.join('');
  expect(text).toContain('signed in');
  expect(text).toContain('"login":"li"');
  for (const secret of ['p1', 't1', '张三']) expect(text).not.toContain(`"${secret}"`);
});

test('the level is kept', () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', destination: { write: (line: string) => void lines.push(line) } });
  log.info('quiet');
  log.warn('loud');
  expect(lines).toHaveLength(1);
});

test('an error is kept with its code and stack, without the data that it quotes', () => {
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line: string) => void lines.push(line) } });
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (login)=(zhangsan) exists' });
  const error = new Error("Could not convert string '张三' to INT32 near 330282199001011234", { cause });
  log.error({ err: error }, 'failed');
  log.error({ err: new AggregateError([new Error('one'), 'two']) }, 'several');
  const text = lines.join('');
  for (const kept of ['23505', 'duplicate key', 'log.test.ts', 'one', 'two', 'INT32']) expect(text).toContain(kept);
  for (const gone of ['zhangsan', '张三', '330282199001011234']) expect(text).not.toContain(gone);
});

/** Sentences as the engines and Node write them, with a value in them. */
const sentences: ((value: string) => string)[] = [
  (v) =>
    `Conversion Error: Could not convert string '${v}' to INT32\n\nLINE 1: SELECT CAST('${v}' AS INTEGER)\n               ^`,
  (v) => `Constraint Error: Duplicate key "name: ${v}" violates primary key constraint.`,
  (v) => `Conversion Error: invalid date field format: "${v}", expected format is (YYYY-MM-DD)`,
  (v) => `Binder Error: Referenced column "${v} x" not found in FROM clause!\nCandidate bindings: "a"`,
  (v) => `invalid input syntax for type integer: "${v}"`,
  (v) => `invalid input value for enum state: "${v}"`,
  (v) => `Unexpected token '${v[0]}', ..."${v}"... is not valid JSON`,
  (v) => `duplicate key (${v})`,
  (v) => `ENOENT: no such file or directory, open '/data/${v}/x 1'`,
  (v) => `Malformed JSON at byte 0 of input: unexpected character.  Input: "${v}"`,
  (v) =>
    `failed for ${JSON.stringify(v).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}`,
  (v) => `GET /x/${encodeURIComponent(v)}`,
];

test('no sentence of an engine or of Node keeps a name, a number or an address, however it quotes it', () => {
  const name = fc.string({ unit: fc.constantFrom(...'张王李欧阳鑫犇骉羴猋娜静'), minLength: 2, maxLength: 8 });
  const number = fc.stringMatching(/^[1-9]\d{10,17}$/);
  const value = fc.oneof(
    name,
    number,
    fc.tuple(name, number).map(([a, b]) => `${a}${b}号`),
  );
  fc.assert(
    fc.property(value, fc.constantFrom(...sentences), (v, sentence) => {
      const kept = withoutValues(sentence(v));
      for (const form of [v, encodeURIComponent(v)]) expect(kept).not.toContain(form);
      expect(kept).not.toMatch(/\\u[0-9a-f]{4}|[^ -~\s]/);
    }),
  );
});

test('what a sentence says by itself is kept: names of tables and columns, codes, identifiers, small numbers', () => {
  for (const same of [
    'Catalog Error: Table with name "fact" does not exist',
    `relation "lib.golden_leaf" does not exist`,
    'job 0b54e6f2-1234-4321-9876-123456789012 waits 300 s',
    'migrations applied',
    'upgrade/2026-12-03-upgrade.sql at 2026-12-03T04:05:06.789Z',
    'connect ECONNREFUSED 127.0.0.1:5432',
  ])
    expect(withoutValues(same)).toBe(same);
});

test('fields, messages, problems and what is put into a message lose values as well', () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'trace', destination: { write: (line: string) => void lines.push(line) } });
  const problem = {
    code: 'x.y',
    title: { zh: '“张三”不对', en: '"张三" is wrong' },
    place: { file: 'a.yaml', line: 3 },
  };
  log.warn({ reason: "no '张三'", deep: { list: ['13905741234'] }, problem }, 'no %s: 张三', '张三');
  log.child({ job: '0b54e6f2-1234-4321-9876-123456789012' }).error('欧阳 13905741234');
  const text = lines.join('');
  for (const gone of ['张三', '13905741234', '欧阳']) expect(text).not.toContain(gone);
  for (const kept of ['x.y', 'a.yaml', '"line":3', '0b54e6f2-1234', 'is wrong']) expect(text).toContain(kept);
});
