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
