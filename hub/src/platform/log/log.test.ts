import { expect, test } from 'vitest';
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
